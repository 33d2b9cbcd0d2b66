/** Schema version 2: a comparison of policies keeps its runs under a study row of its own kind. */
export const comparisonSchema = `
ALTER TABLE study ADD COLUMN kind TEXT NOT NULL DEFAULT 'guideline' CHECK (kind IN ('guideline', 'comparison'));
`;
