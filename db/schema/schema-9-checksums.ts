/** Schema version 9: rows that results depend on carry a checksum, computed by `checksums.ts` after the migrations. */
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
