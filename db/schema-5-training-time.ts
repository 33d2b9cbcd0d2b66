/** Schema version 5: when an attempt began to train and when it was last seen, so that queue and outages cost nothing. */
export const trainingTimeSchema = `
ALTER TABLE attempt ADD COLUMN began_ms INTEGER;
ALTER TABLE attempt ADD COLUMN seen_ms INTEGER;
`;
