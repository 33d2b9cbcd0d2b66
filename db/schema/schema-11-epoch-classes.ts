/** Schema version 11: the metrics of each class in an epoch, as JSON by class name; NULL where none were reported. */
export const epochClassesSchema = `
ALTER TABLE epoch ADD COLUMN classes TEXT;
`;
