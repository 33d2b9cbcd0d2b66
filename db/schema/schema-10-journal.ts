/**
 * Schema version 10: `unjournaled` lists the rows that are not yet in the journal beside the file (`journal.ts`), in
 * the order in which they were written; `trust` records which studies a user of this computer made or trusts.
 */
export const journalSchema = `
CREATE TABLE unjournaled (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  table_name TEXT NOT NULL,
  row_key TEXT NOT NULL
) STRICT;
CREATE TABLE trust (
  study_id TEXT NOT NULL REFERENCES study (id),
  mark TEXT NOT NULL,
  time_ms INTEGER NOT NULL,
  checksum INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (study_id, mark)
) STRICT, WITHOUT ROWID;
`;
