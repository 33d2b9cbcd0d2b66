import { AutopilotError, messageOf } from '../../domain/errors.ts';
import { readPlainText } from '../../protocol/files/read-plain-file.ts';

/** The hosts of an Open MPI hostfile (`node1 slots=4`), in order, without duplicates. */
export function hostNames(hostfile: string): string[] {
  let text: string;
  try {
    text = readPlainText(hostfile);
  } catch (cause) {
    throw new AutopilotError('deploy.hostfile', `launcher.hostfile ${hostfile} cannot be read: ${messageOf(cause)}.`, {
      cause,
    });
  }
  const names = text.split('\n').map((line) => line.replace(/#.*/, '').trim().split(/\s+/)[0] ?? '');
  const hosts = [...new Set(names.filter((name) => name !== ''))];
  // A remote shell would take a name that begins with "-" for an option.
  const wrong = hosts.find((name) => !/^[\w[][\w.:@%\]-]*$/.test(name));
  if (wrong !== undefined) {
    throw new AutopilotError(
      'deploy.hostfile',
      `launcher.hostfile ${hostfile} names the host ${JSON.stringify(wrong)}; a host is a name or an address. Correct it.`,
    );
  }
  return hosts;
}
