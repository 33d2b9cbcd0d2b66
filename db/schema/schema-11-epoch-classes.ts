/** Schema version 11: an epoch has the metrics of each class, as JSON by the class's name; NULL where nobody reported any. */
export const epochClassesSchema = `
ALTER TABLE epoch ADD COLUMN classes TEXT;
`;
