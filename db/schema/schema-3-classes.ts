/** Schema version 3: the metrics of each class in an evaluation, as JSON by class name. */
export const classesSchema = `
ALTER TABLE evaluation ADD COLUMN classes TEXT;
`;
