import type { StudyRecord } from '../../../db/index.ts';
import { withoutSecrets } from '../../domain/secrets.ts';
import type { Section } from '../document/document.ts';

/** How a scaling or a comparison is repeated: the commands and the whole config. */
export function repeatSection({ name, config }: StudyRecord, command: string): Section {
  return {
    title: 'How to repeat it',
    blocks: [
      {
        type: 'paragraph',
        text: 'Save the config below as study.yaml (JSON is YAML), put the data where data.path says, and run it; the seeds of all runs follow from its seed.',
      },
      { type: 'code', text: `${command}\nautopilot report ${name}` },
      { type: 'code', text: JSON.stringify(withoutSecrets(config), null, 2) },
    ],
  };
}
