/**
 * Schema version 10: `unjournaled` names the rows that the journal beside the file does not have yet (`journal.ts`), in
 * the order in which they were written; `trust` says which studies a user of this computer made, or trusts.
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
