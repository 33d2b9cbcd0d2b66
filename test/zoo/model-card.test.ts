import { expect, test } from 'vitest';
import { modelCard } from '../../src/zoo/model-card.ts';

const model = {
  name: 'liver',
  description: 'Finds livers and their tumours.',
  licence: 'CC0-1.0',
  architecture: null,
  input: null,
  preprocessing: null,
  metrics: { dice: 0.78125, hd95: 4.5 },
  study: { id: 'lits', run: 'lits.iteration-2.0a1b2c3d', data: 'LiTS' },
};

test('a model card says of each part and class what was measured, with unit and direction', () => {
  const card = modelCard(
    {
      ...model,
      parts: [
        {
          split: 'test',
          metrics: { dice: 0.78125, hd95: 4.5 },
          classes: { liver: { dice: 0.9625 }, tumour: { dice: 0.6 } },
        },
        { split: 'validation', metrics: { dice: 0.8 } },
      ],
    },
    [],
  );
  expect(card).toContain(`On "LiTS", by run lits.iteration-2.0a1b2c3d of study lits:

| metric | test part | validation part |
|---|---:|---:|
| dice ↑ | 0.781 | 0.800 |
| hd95 (mm) ↓ | 4.50 | – |
| liver: dice ↑ | 0.963 | – |
| tumour: dice ↑ | 0.600 | – |
`);
});

test('a card of a model that was published without its parts names none', () => {
  expect(modelCard(model, [])).toContain(`| metric | value |
|---|---:|
| dice ↑ | 0.781 |
`);
});
