import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readCaseList } from '../../src/imgmed/datasets/read-case-list.ts';

let root: string;
let number = 0;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'layout-names-'));
});
afterAll(() => rmSync(root, { recursive: true }));

/** A folder of files that are only there; `N` in a name becomes 1, 2 and 3. */
function folderOf(names: readonly string[]): string {
  const folder = join(root, String(++number));
  for (const name of names) {
    for (const index of name.includes('N') ? [1, 2, 3] : [1]) {
      const path = join(folder, name.replaceAll('N', String(index)));
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, name);
    }
  }
  return folder;
}

/** `id: image + image > mask` of each case; what is refused as `id! reason`. */
async function told(names: readonly string[]): Promise<string[]> {
  const folder = folderOf(names);
  const { cases, refused } = await readCaseList(folder);
  const short = (path: string) => relative(folder, path).replaceAll('.nii.gz', '');
  return [
    ...cases.map(
      ({ id, images, mask }) => `${id}: ${images.map(short).join(' + ')} > ${mask === null ? '' : short(mask)}`,
    ),
    ...refused.map(({ id, reason }) => `${id}! ${reason}`),
  ];
}

describe('masks find their images by name', () => {
  it.each([
    ['KiTS', ['case_N/imaging.nii.gz', 'case_N/segmentation.nii.gz'], 'case_1: case_1/imaging > case_1/segmentation'],
    ['LiTS', ['volume-N.nii', 'segmentation-N.nii'], 'volume-1: volume-1.nii > segmentation-1.nii'],
    ['BTCV', ['img/img000N.nii.gz', 'label/label000N.nii.gz'], 'img0001: img/img0001 > label/label0001'],
    ['MM-WHS', ['ct_N_image.nii.gz', 'ct_N_label.nii.gz'], 'ct_1_image: ct_1_image > ct_1_label'],
    ['PROMISE12', ['Case0N.mhd', 'Case0N_segmentation.mhd'], 'Case01: Case01.mhd > Case01_segmentation.mhd'],
    ['SegTHOR', ['Patient_N/Patient_N.nii.gz', 'Patient_N/GT.nii.gz'], 'Patient_1: Patient_1/Patient_1 > Patient_1/GT'],
    ['CVC', ['Original/N.tif', 'Ground Truth/N.tif'], '1: Original/1.tif > Ground Truth/1.tif'],
    ['OASIS', ['OAS_N/norm.nii.gz', 'OAS_N/seg4.nii.gz'], 'OAS_1: OAS_1/norm > OAS_1/seg4'],
    [
      'DRIVE',
      ['training/images/2N_training.tif', 'training/1st_manual/2N_manual1.png'],
      '21_training: training/images/21_training.tif > training/1st_manual/21_manual1.png',
    ],
    [
      'ISIC',
      ['ISIC2018_Task1-2_Training_Input/ISIC_N.jpg', 'ISIC2018_Task1_Training_GroundTruth/ISIC_N_segmentation.png'],
      'ISIC_1: ISIC2018_Task1-2_Training_Input/ISIC_1.jpg > ISIC2018_Task1_Training_GroundTruth/ISIC_1_segmentation.png',
    ],
    [
      'BIDS',
      ['sub-N/anat/sub-N_T1w.nii.gz', 'derivatives/labels/sub-N/anat/sub-N_T1w_dseg.nii.gz'],
      'sub-1/anat: sub-1/anat/sub-1_T1w > derivatives/labels/sub-1/anat/sub-1_T1w_dseg',
    ],
    [
      'sites with patients',
      ['site/pN/image.nii.gz', 'site/pN/image_seg.nii.gz'],
      'site/p1: site/p1/image > site/p1/image_seg',
    ],
    ['patients with studies', ['pN/s1/t1.nii.gz', 'pN/s1/t1-label.nii.gz'], 'p1/s1: p1/s1/t1 > p1/s1/t1-label'],
    [
      'cases called after masks',
      ['seg_N/imaging.nii.gz', 'seg_N/segmentation.nii.gz'],
      'seg_1: seg_1/imaging > seg_1/segmentation',
    ],
    [
      'BraTS',
      ['HGG/B_N/B_N_t1.nii.gz', 'HGG/B_N/B_N_t2.nii.gz', 'HGG/B_N/B_N_seg.nii.gz'],
      'HGG/B_1: HGG/B_1/B_1_t1 + HGG/B_1/B_1_t2 > HGG/B_1/B_1_seg',
    ],
    ['BraTS in one folder', ['BN-t1c.nii.gz', 'BN-t2w.nii.gz', 'BN-seg.nii.gz'], 'B1: B1-t1c + B1-t2w > B1-seg'],
    [
      'nnU-Net without a dataset.json',
      ['imagesTr/c_N_0000.nii.gz', 'imagesTr/c_N_0001.nii.gz', 'labelsTr/c_N.nii.gz'],
      'c_1: imagesTr/c_1_0000 + imagesTr/c_1_0001 > labelsTr/c_1',
    ],
    [
      'channels of free names',
      ['pN/T1.nii.gz', 'pN/T2.nii.gz', 'pN/tumour_mask.nii.gz'],
      'p1: p1/T1 + p1/T2 > p1/tumour_mask',
    ],
  ])('as in %s', async (_, names, first) => {
    const all = await told(names);
    expect(all).toHaveLength(3);
    expect(all[0]).toBe(first);
  });

  it('as in ACDC, where a patient has several scans and one without a mask', async () => {
    const kinds = ['4d', 'frame01', 'frame01_gt', 'frame12', 'frame12_gt'];
    const { cases } = await readCaseList(
      folderOf(kinds.flatMap((kind) => [`training/pN/pN_${kind}.nii.gz`, `testing/qN/qN_${kind}.nii.gz`])),
    );
    expect(cases).toHaveLength(18);
    expect(new Set(cases.map(({ patient }) => patient)).size).toBe(6);
    expect(cases.filter(({ mask }) => mask === null).map(({ id }) => id)).toContain('p1_4d');
    expect(cases.find(({ id }) => id === 'q1_frame12')).toMatchObject({ part: 'test', patient: 'testing/q1' });
  });

  it.each([['validation'], ['val'], ['valid']])(
    'with a folder %s, whose cases stay the validation part',
    async (name) => {
      const parts = ['train', name, 'test'];
      const { cases } = await readCaseList(
        folderOf(parts.flatMap((part) => [`${part}/aN.nii.gz`, `${part}/aN_seg.nii.gz`])),
      );
      const named = (part: string) => cases.filter((each) => each.part === part).length;
      expect([named('train'), named('validation'), named('test')]).toEqual([3, 3, 3]);
    },
  );
});

describe('what names leave open is refused with the choices', () => {
  it.each([
    [
      'a field of view beside vessels',
      ['images/N_training.tif', 'mask/N_training_mask.png', '1st_manual/N_manual1.png'],
      '1_training! has 1_training_mask.png and 1_manual1.png, and nothing says which mask is meant',
    ],
    ['two folders of masks', ['images/N.png', 'masks/N.png', 'labels/N.png'], '1! has labels/1.png and masks/1.png'],
    [
      'left and right',
      ['CXR_png/N.png', 'ManualMask/leftMask/N.png', 'ManualMask/rightMask/N.png'],
      '1! has ManualMask/leftMask/1.png and ManualMask/rightMask/1.png',
    ],
    [
      'a mask for each organ',
      ['sN/ct.nii.gz', 'sN/segmentations/liver.nii.gz', 'sN/segmentations/spleen.nii.gz'],
      's1! holds 2 masks (liver.nii.gz, spleen.nii.gz)',
    ],
    [
      'a mask of one of two images',
      ['pN/T1.nii.gz', 'pN/T1_seg.nii.gz', 'pN/T2.nii.gz'],
      'p1! holds T1_seg.nii.gz, the mask of T1.nii.gz, beside T2.nii.gz',
    ],
    [
      '.nii beside .nii.gz',
      ['pN/ct.nii', 'pN/ct.nii.gz', 'pN/seg.nii.gz'],
      'p1! has ct.nii and ct.nii.gz, and nothing says which scan is meant',
    ],
    ['masks without images', ['images/x.png', 'masks/N.png'], '1! is a mask without an image of the same name'],
  ])('%s', async (_, names, words) => {
    expect((await told(names)).join('\n')).toContain(words);
  });

  it('says which pictures are of a format that is not read', async () => {
    const { problems, cases } = await readCaseList(folderOf(['images/N.png', 'masks/N.gif', 'masks/N.bmp']));
    expect(cases.every(({ mask }) => mask === null)).toBe(true);
    expect(problems.join(' ')).toMatch(
      /3 files end in \.bmp, .* 3 files end in \.gif, which is not supported; save them as PNG/,
    );
  });

  it('says that data sets lie within, or that there is nothing', async () => {
    await expect(readCaseList(folderOf(['Task01/dataset.json', 'Task01/imagesTr/a.nii.gz']))).rejects.toThrow(
      /Task01, with dataset.json/,
    );
    await expect(readCaseList(folderOf(['images/N.npy']))).rejects.toThrow(
      '3 files end in .npy, which is not supported; save them as NIfTI',
    );
  });

  it('says that masks of single structures lie below a case, and that scans of one folder may be of one patient', async () => {
    const names = [
      'pN/s1/imaging.nii.gz',
      'pN/s1/segmentation.nii.gz',
      'pN/s2/imaging.nii.gz',
      'pN/s2/segmentation.nii.gz',
      'p1/s1/instances/kidney_mask.nii.gz',
    ];
    const { problems, cases } = await readCaseList(folderOf(names));
    expect(cases).toHaveLength(6);
    expect(problems.join('\n')).toContain('p1/s1/instances/kidney_mask.nii.gz match no image of their own');
    expect(problems.join('\n')).toContain('p1/s1, p1/s2 count as separate patients');
  });
});
