/** Schema version 5: when an attempt began to train, when it was last seen and how long it was back in the queue. */
export const trainingTimeSchema = `
ALTER TABLE attempt ADD COLUMN began_ms INTEGER;
ALTER TABLE attempt ADD COLUMN seen_ms INTEGER;
ALTER TABLE attempt ADD COLUMN requeued_ms INTEGER;
`;
