/** Schema version 6: a store has an id, which its run folders record. */
export const storeIdSchema = `
CREATE TABLE store (
  id TEXT NOT NULL PRIMARY KEY
) STRICT, WITHOUT ROWID;
INSERT INTO store (id) VALUES (lower(hex(randomblob(8))));
`;
