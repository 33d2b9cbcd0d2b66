import { describe, expect, it } from 'vitest';
import { classMapOf, labelValuesOf } from '../../src/imgmed/class-map.ts';

const declared = [
  { value: 0, name: 'background' },
  { value: 420, name: 'atrium' },
];

describe('the label values of the classes', () => {
  it.each([
    ['declared labels keep their values', undefined, declared, [0, 420]],
    ['a class of one value keeps it, and what is left out is 0', { spleen: [7], liver: [3] }, declared, [0, 7, 3]],
    ['a class of several values has none of its own', { organs: [3, 7] }, declared, null],
    ['a range has none of its own', { organs: [[3, 7]] as [number, number][] }, declared, null],
    ['value 0 as a foreground class leaves none for the background', { air: [0] }, declared, null],
    ['undeclared foreground has no known value', undefined, [], null],
  ])('%s', (_, wanted, labels, values) => {
    expect(labelValuesOf(classMapOf(wanted, labels))).toEqual(values);
  });
});
