/** Schema version 5: when an attempt began to train, when it was last seen and how long it spent requeued. */
export const trainingTimeSchema = `
ALTER TABLE attempt ADD COLUMN began_ms INTEGER;
ALTER TABLE attempt ADD COLUMN seen_ms INTEGER;
ALTER TABLE attempt ADD COLUMN requeued_ms INTEGER;
`;
