/** An attempt keeps the secret that its processes were given; NULL for one that an earlier version launched. */
export const evidenceSchema = `
ALTER TABLE attempt ADD COLUMN secret TEXT;
`;
