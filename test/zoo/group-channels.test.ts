import { describe, expect, it } from 'vitest';
import { groupChannels } from '../../src/zoo/group-channels.ts';

const model = (channels: string[]) => ({
  input: { height: 8, width: 8, channels, classes: ['a', 'b'] },
  preprocessing: null,
});

describe('the scans among paths', () => {
  it('are nnU-Net’s files of a case, as many as the model has channels, called by the case', () => {
    const paths = ['t/a_0001.nii.gz', 't/a_0000.nii.gz', 't/b_0000.nii.gz', 't/b_0001.nii.gz'];
    expect(groupChannels(paths, model(['T1', 'T2']))).toEqual([
      { images: ['t/a_0000.nii.gz', 't/a_0001.nii.gz'], named: 't/a.nii.gz' },
      { images: ['t/b_0000.nii.gz', 't/b_0001.nii.gz'], named: 't/b.nii.gz' },
    ]);
    expect(groupChannels(['t/a_0000.nii.gz'], model(['CT']))).toEqual([
      { images: ['t/a_0000.nii.gz'], named: 't/a.nii.gz' },
    ]);
  });

  it('are what they are called where the numbers mean something else', () => {
    const paths = ['s/scan_0001.nii.gz', 's/scan_0002.nii.gz', 's/head.nii.gz'];
    expect(groupChannels(paths, model(['CT']))).toEqual(paths.map((path) => ({ images: [path], named: path })));
  });
});
