import { stringify } from 'yaml';
import type { ImportedStudy } from './import-system-config.ts';

/** The study as YAML, with everything that was not mapped in comments above it. */
export function studyText({ study, lines }: ImportedStudy, file: string): string {
  const open = lines.filter(({ state }) => state !== 'mapped').map(({ tag, note }) => `#   ${tag}\n#     ${note}`);
  const heading = [
    `# From ${file} (Auto-CNNp).`,
    ...(open.length > 0 ? ['# Not carried over unchanged:', ...open] : []),
  ];
  return `${heading.join('\n')}\n${stringify(study)}`;
}
