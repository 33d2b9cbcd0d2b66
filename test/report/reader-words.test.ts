import { expect, it } from 'vitest';
import { documentInWords, inWords } from '../../src/report/study-report/reader-words.ts';

it.each([
  ['dice, meanAccuracy, meanIoU (higher is better)', 'dice, mean accuracy, mean IoU (higher is better)'],
  ['iou ↑ 0.7, frequencyWeightedIoU 0.9', 'IoU ↑ 0.7, frequency-weighted IoU 0.9'],
  ['optimizer sgd → momentum, initial rate 0.1', 'optimizer SGD → SGD with momentum, initial rate 0.1'],
  ['optimizer: asked adam, measured adam; learning rate', 'optimizer: asked Adam, measured Adam; learning rate'],
  ['warmup 5, decay 15, decay coefficient 3', 'warmup 5 epochs, decay 15 epochs, decay coefficient 3'],
  ['warmup 1 → 2.5; decay 1', 'warmup 1 → 2.5 epochs; decay 1 epoch'],
])('a report says %j as %j', (stored, read) => {
  expect(inWords(stored)).toBe(read);
  expect(inWords(read)).toBe(read);
});

it.each([
  'val_iou',
  'iou-2.json',
  'decision.iou',
  'meanIoUs',
  'host adam',
  'optimizer lars-like',
  'decay coefficient 3',
])('a report leaves %j as it is', (text) => expect(inWords(text)).toBe(text));

it('leaves code to be copied as it is, and nothing else', () => {
  const blocks = [
    { type: 'code' as const, text: 'metrics: [meanIoU]' },
    { type: 'table' as const, columns: [{ title: 'meanIoU ↑' }], rows: [['optimizer sgd']], caption: 'By meanIoU.' },
  ];
  const [code, table] = documentInWords({ title: 't', sections: [{ title: 's', blocks }] }).sections[0]!.blocks;
  expect(code).toEqual(blocks[0]);
  expect(table).toMatchObject({
    columns: [{ title: 'mean IoU ↑' }],
    rows: [['optimizer SGD']],
    caption: 'By mean IoU.',
  });
});
