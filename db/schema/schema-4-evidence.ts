/** Schema version 4: the secret given to an attempt's processes; NULL for attempts that an earlier version launched. */
export const evidenceSchema = `
ALTER TABLE attempt ADD COLUMN secret TEXT;
`;
