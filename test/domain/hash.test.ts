import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { canonicalJson, hashOf } from '../../src/domain/hash.ts';

it("is Node's SHA-256 of the canonical JSON, whatever text it holds", () => {
  fc.assert(
    fc.property(fc.oneof(fc.jsonValue(), fc.string({ unit: 'binary' }), fc.constant('\ud800')), (value) => {
      expect(hashOf(value)).toBe(createHash('sha256').update(canonicalJson(value)).digest('hex'));
    }),
  );
});
