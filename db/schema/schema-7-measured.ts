/**
 * What the trainer measured of itself, as JSON: over an attempt, and in each epoch. NULL for what an earlier version
 * stored, and where nothing was reported.
 */
export const measuredSchema = `
ALTER TABLE attempt ADD COLUMN measured TEXT;
ALTER TABLE epoch ADD COLUMN measured TEXT;
`;
