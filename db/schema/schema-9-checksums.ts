/** Schema version 9: rows that results rest on carry a checksum; `checksums.ts` computes it once the schema is whole. */
export const checksumsSchema = [
  'study',
  'event',
  'iteration',
  'run',
  'attempt',
  'epoch',
  'evaluation',
  'decision',
  'artifact',
  'model',
  'note',
]
  .map((table) => `ALTER TABLE ${table} ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;`)
  .join('\n');
