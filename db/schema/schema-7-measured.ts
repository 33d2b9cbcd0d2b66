/**
 * Schema version 7: the trainer's measurements of itself, as JSON, for an attempt and for each epoch. NULL in rows of
 * earlier versions and where nothing was reported.
 */
export const measuredSchema = `
ALTER TABLE attempt ADD COLUMN measured TEXT;
ALTER TABLE epoch ADD COLUMN measured TEXT;
`;
