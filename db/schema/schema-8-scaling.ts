/** Schema version 8: the study kind `scaling`. A CHECK cannot be altered, so the column is recreated. */
export const scalingSchema = `
ALTER TABLE study RENAME COLUMN kind TO kind_before;
ALTER TABLE study ADD COLUMN kind TEXT NOT NULL DEFAULT 'guideline' CHECK (kind IN ('guideline', 'comparison', 'scaling'));
UPDATE study SET kind = kind_before;
ALTER TABLE study DROP COLUMN kind_before;
`;
