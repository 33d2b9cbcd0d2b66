/** Schema version 3: an evaluation has the metrics of each class, as JSON by the class's name. */
export const classesSchema = `
ALTER TABLE evaluation ADD COLUMN classes TEXT;
`;
