import { chmodSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { runCli } from './run-cli.ts';

/** A simulated study that spends its budget with one iteration, or confirms a setting. */
function project(notify: string, { confirms = false } = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'notify-'));
  const config = `name: told
trainer: { kind: simulated, noise: 0 }
workers: ${confirms ? 2 : 4}
epochs: 4
setting: { initialLr: ${confirms ? '0.1' : '0.5'} }
decision: { rule: thesis, metrics: [dice], tolerance: ${confirms ? '0.5' : '0'} }
budget: { iterations: ${confirms ? 4 : 1} }
notify: ${notify}
`;
  writeFileSync(join(folder, 'study.yaml'), config);
  return folder;
}

/** A real server that keeps what was posted and answers with `status`. */
async function receiver(status = 200) {
  const posted: unknown[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => {
      body += text;
    });
    request.on('end', () => {
      posted.push(JSON.parse(body));
      response.writeHead(status).end(status === 200 ? 'ok' : 'no such hook');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return { posted, address: `http://127.0.0.1:${port}/hook/s3cret` };
}

/** A program that keeps its arguments, its input and its variables, and ends with `code`. */
function keeper(folder: string, name: string, code = 0): { program: string; kept: () => string } {
  const [program, file] = [join(folder, name), join(folder, `${name}.kept`)];
  writeFileSync(
    program,
    `#!/bin/sh\n{ echo "args: $*"; env | grep ^AUTOPILOT_; cat; } > '${file}'\necho 'mailbox is full' >&2\nexit ${code}\n`,
  );
  chmodSync(program, 0o755);
  return { program, kept: () => readFileSync(file, 'utf8') };
}

const told = z.object({ event: z.string(), study: z.string(), outcome: z.string().nullable(), text: z.string() });

describe('notifications of a study', { timeout: 60_000 }, () => {
  it('posts the end to a webhook whose address is in no store and no output', async () => {
    const { posted, address } = await receiver();
    const folder = project(`{ webhook: '\${env:HOOK}' }`);
    const { code, stdout, stderr } = await runCli(['run'], { cwd: folder, env: { HOOK: address } });
    expect(code, stderr).toBe(3);
    expect(posted).toHaveLength(1);
    const message = told.parse(posted[0]);
    expect(message).toMatchObject({ event: 'end', study: 'told', outcome: 'budgetSpent' });
    expect(message.text).toContain('(simulated)');
    expect(message.text.replace(/\s+/g, ' ')).toContain('The best so far (iteration 0) has dice');
    expect(stdout + stderr).not.toContain('s3cret');
    expect(readFileSync(join(folder, 'autopilot.db')).includes('s3cret')).toBe(false);

    // It is over: nobody is told again.
    await runCli(['run'], { cwd: folder, env: { HOOK: address } });
    expect(posted).toHaveLength(1);
  });

  it('tells a confirmed answer by e-mail and by a command', async () => {
    const tools = mkdtempSync(join(tmpdir(), 'notify-tools-'));
    const [mail, command] = [keeper(tools, 'sendmail'), keeper(tools, 'tell')];
    const folder = project(
      `{ on: [confirmed], email: you@example.org, sendmail: ${mail.program}, command: [${command.program}, --now] }`,
      { confirms: true },
    );
    const { code, stdout } = await runCli(['run'], { cwd: folder });
    expect(code, stdout).toBe(0);
    expect(mail.kept()).toMatch(/^args: -t -i\n/);
    expect(mail.kept()).toContain('To: you@example.org\nSubject: autopilot: told: ');
    expect(mail.kept()).toContain('The confirmed setting');
    expect(mail.kept().replaceAll('\n', ' ')).toContain('judged on the test part, as there is no validation part');
    expect(mail.kept()).not.toMatch(/.{200}/);
    expect(command.kept()).toContain('args: --now');
    expect(command.kept()).toContain('AUTOPILOT_EVENT=confirmed');
    expect(command.kept()).toContain('AUTOPILOT_OUTCOME=noLoss');
  });

  it('says what did not get through, and leaves result and exit code as they are', async () => {
    const { address } = await receiver(404);
    const tools = mkdtempSync(join(tmpdir(), 'notify-tools-'));
    const mail = keeper(tools, 'sendmail', 75);
    const notify = `{ webhook: '${address}', email: you@example.org, sendmail: ${mail.program}, command: [no-such-program] }`;
    const { code, stdout } = await runCli(['run'], { cwd: project(notify) });
    expect(code).toBe(3);
    expect(stdout).toContain('notification by webhook could not be delivered: HTTP 404: no such hook');
    expect(stdout).toContain('it ended with 75: mailbox is full');
    expect(stdout).toContain('there is no program no-such-program');
    expect(stdout).toContain('told: budgetSpent');
  });

  it.each([
    ['{ on: [end] }', 'notify has no recipient'],
    ['{ webhook: "https://hooks.slack.com/services/T0/B0/x" }', 'notify.webhook has a secret in plain text'],
    ['{ email: "you@example.org, all@example.org" }', 'give one address'],
    ["{ webhook: '${env:UNSET_HOOK}' }", 'which is unset or empty'],
  ])('refuses %s before anything is trained', async (notify, reason) => {
    const { code, stderr } = await runCli(['run'], { cwd: project(notify) });
    expect(code).toBe(1);
    expect(stderr).toContain(reason);
  });
});

describe('notifications of several studies', { timeout: 120_000 }, () => {
  it('tells the end of a scaling once, with its table', async () => {
    const tools = mkdtempSync(join(tmpdir(), 'notify-tools-'));
    const { program, kept } = keeper(tools, 'tell');
    const folder = project(`{ on: [end], command: [${program}] }`, { confirms: true });
    const scaled = await runCli(['scale', '--workers', '2'], { cwd: folder });
    expect(scaled.code, scaled.stderr).toBe(0);
    expect(kept()).toContain('AUTOPILOT_STUDY=told-scale');
    expect(kept()).toContain('AUTOPILOT_OUTCOME=complete');
    expect(kept()).toMatch(/2 {2}noLoss/);
    writeFileSync(join(tools, 'tell.kept'), '');
    await runCli(['scale', '--workers', '2'], { cwd: folder });
    expect(kept()).toBe('');
  });

  it('tells the end of a comparison, with its table', async () => {
    const tools = mkdtempSync(join(tmpdir(), 'notify-tools-'));
    const { program, kept } = keeper(tools, 'tell');
    const folder = project(`{ command: [${program}] }`);
    const compared = await runCli(['compare', '--workers', '2', '--policies', 'greScale', '--seeds', '1'], {
      cwd: folder,
    });
    expect(compared.code, compared.stderr).toBe(0);
    expect(kept()).toContain('AUTOPILOT_STUDY=told-compare');
    expect(kept()).toContain('GreScale, defaults');
  });
});
