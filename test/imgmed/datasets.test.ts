import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readCaseList } from '../../src/imgmed/datasets/read-case-list.ts';
import { readVolume } from '../../src/imgmed/reading/read-volume.ts';
import { writeVolume } from '../../src/imgmed/write-volume.ts';
import { runCli } from '../cli/run-cli.ts';
import { writeDicomSeries, writeDicomWithoutPixels } from './dicom-file.ts';
import { sampleMask, sampleScan } from './sample-volume.ts';

let root: string;
let number = 0;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'datasets-'));
});
afterAll(() => rmSync(root, { recursive: true }));

/** A folder of files; those named by `real` are scans or masks, others are only there. */
function folderOf(files: string[], json?: unknown, mark = ''): string {
  const folder = join(root, String(++number));
  for (const name of files) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), name);
  }
  if (json !== undefined) writeFileSync(join(folder, 'dataset.json'), mark + JSON.stringify(json));
  return folder;
}

const nnunetFiles = ['imagesTr/a_0000.nii.gz', 'imagesTr/b_0000.nii.gz', 'labelsTr/a.nii.gz', 'labelsTr/b.nii.gz'];
const nnunet = (labels: unknown, more = {}) => ({
  ...{ channel_names: { 0: 'CT' }, labels, numTraining: 2, file_ending: '.nii.gz' },
  ...more,
});
const plain = { background: 0, organ: 1 };
const idsOf = async (folder: string) => (await readCaseList(folder)).cases.map(({ id }) => id);

describe('nnU-Net’s dataset.json', () => {
  it('is read with a byte-order mark, and with labels the other way round', async () => {
    const folder = folderOf(nnunetFiles, nnunet({ 0: 'background', 1: 'organ' }), '\uFEFF');
    const list = await readCaseList(folder);
    expect(list.labels).toEqual([
      { value: 0, name: 'background' },
      { value: 1, name: 'organ' },
    ]);
    expect(list.cases).toHaveLength(2);
  });

  it('names its cases anywhere by "dataset"', async () => {
    const dataset = { x: { images: ['img/x.nii.gz'], label: 'lab/x.nii.gz' } };
    const folder = folderOf(['img/x.nii.gz', 'lab/x.nii.gz'], nnunet(plain, { dataset, numTraining: 1 }));
    expect((await readCaseList(folder)).cases).toMatchObject([{ id: 'x', images: [join(folder, 'img/x.nii.gz')] }]);
  });

  it('leaves no case out without a word', async () => {
    const files = [...nnunetFiles, 'imagesTr/c_0000.nii.gz', 'labelsTr/d.nii.gz', 'imagesTr/e.nii.gz'];
    const { cases, refused } = await readCaseList(folderOf(files, nnunet(plain)));
    expect(cases).toHaveLength(2);
    expect(refused.map(({ id, reason }) => `${id} ${reason}`)).toEqual([
      'e is imagesTr/e.nii.gz, without a channel number; call it e_0000',
      expect.stringContaining('d has the mask labelsTr/d.nii.gz but no image'),
      'c has no mask in labelsTr; add it or remove the scan',
    ]);
  });

  it('leaves regions and "ignore" to the prep config, and says what to write there', async () => {
    const brats = { background: 0, whole: [1, 2, 3], core: [2, 3], enhancing: 3, ignore: 4 };
    const list = await readCaseList(folderOf(nnunetFiles, nnunet(brats)));
    expect(list.labels.map(({ value, name }) => [value, name])).toEqual([
      [0, 'background'],
      [1, 'whole'],
      [2, 'core'],
      [3, 'enhancing'],
      [4, 'ignore'],
    ]);
    expect(list.regions.map(({ name }) => name)).toEqual(['whole', 'core', 'enhancing']);
    expect(list.ignoredLabel).toBe(4);
    expect(list.undecidedLabels).toContain('the labels whole, core are regions');
    expect(list.undecidedLabels).toContain('classes: { "rest of whole": [1], "rest of core": [2], "enhancing": [3] }');
    const ignoring = await readCaseList(folderOf(nnunetFiles, nnunet({ ...plain, ignore: 2 })));
    expect(ignoring.undecidedLabels).toContain('label 2 is "ignore"');
    expect(ignoring.undecidedLabels).toContain('classes: { "organ": [1], unlabelled: [2] }');
  });

  it('may not give "ignore" a label that means something', async () => {
    const folder = folderOf(nnunetFiles, nnunet({ ...plain, ignore: 1 }));
    await expect(readCaseList(folder)).rejects.toThrow('label "ignore" shares a value with "organ"');
  });

  it('says what it promises and the folder does not hold', async () => {
    const json = nnunet(plain, { numTraining: 50 });
    const { problems, shortfalls } = await readCaseList(folderOf([...nnunetFiles, 'imagesTr/c_0000.nrrd'], json));
    expect(problems).toEqual(['c_0000.nrrd does not end in .nii.gz, the file_ending of dataset.json, and is ignored']);
    expect(shortfalls).toEqual(['dataset.json says numTraining 50, but 2 can be read; add the others or correct it']);
  });
});

describe('the Decathlon’s dataset.json', () => {
  const json = (image: string, label: string) => ({
    ...{ modality: { 0: 'CT' }, labels: { 0: 'background', 1: 'organ' } },
    training: ['a', 'b'].map((id) => ({ image: image.replace('ID', id), label: label.replace('ID', id) })),
  });

  it('is read from Windows, and from nnU-Net’s first version, whose files have channel numbers', async () => {
    expect(await idsOf(folderOf(nnunetFiles, json('imagesTr\\ID_0000.nii.gz', 'labelsTr\\ID.nii.gz')))).toHaveLength(2);
    expect(await idsOf(folderOf(nnunetFiles, json('./imagesTr/ID.nii.gz', './labelsTr/ID.nii.gz')))).toEqual([
      'a',
      'b',
    ]);
  });

  it('keeps cases apart that are called alike in different folders', async () => {
    const files = ['a', 'b'].flatMap((id) => [`${id}/imaging.nii.gz`, `${id}/segmentation.nii.gz`]);
    const { cases } = await readCaseList(folderOf(files, json('ID/imaging.nii.gz', 'ID/segmentation.nii.gz')));
    expect(cases.map(({ id, patient }) => [id, patient])).toEqual([
      ['a/imaging', 'a/imaging'],
      ['b/imaging', 'b/imaging'],
    ]);
  });
});

describe('folders without a dataset.json', () => {
  it('may hold a folder for each case, as KiTS and BraTS do', async () => {
    const kits = folderOf(['c1', 'c2'].flatMap((id) => [`${id}/imaging.nii.gz`, `${id}/segmentation.nii.gz`]));
    expect((await readCaseList(kits)).cases).toMatchObject([
      { id: 'c1', images: [join(kits, 'c1/imaging.nii.gz')], mask: join(kits, 'c1/segmentation.nii.gz') },
      { id: 'c2' },
    ]);
    const brats = folderOf(
      ['B1', 'B2'].flatMap((id) => ['t1', 't2', 'seg'].map((kind) => `${id}/${id}_${kind}.nii.gz`)),
    );
    const list = await readCaseList(brats);
    expect(list.channels).toEqual(['t1', 't2']);
    expect(list.cases.map(({ images }) => images.length)).toEqual([2, 2]);
  });

  it.each([
    ['two files of one scan', ['images/a.nii', 'images/a.nii.gz', 'masks/a.nii.gz'], 'has a.nii and a.nii.gz'],
    ['two masks of one scan', ['a.nii.gz', 'a_mask.nii.gz', 'a_seg.nii.gz'], 'has a_mask.nii.gz and a_seg.nii.gz'],
    [
      'a case of other images',
      ['a/t1.nii', 'a/seg.nii', 'b/t1.nii', 'b/t2.nii', 'b/seg.nii', 'c/t1.nii', 'c/seg.nii'],
      'has the images t1, t2',
    ],
  ])('leave no choice unsaid: %s', async (_, files, words) => {
    const { refused } = await readCaseList(folderOf(files));
    expect(refused).toEqual([{ id: expect.any(String), reason: expect.stringContaining(words) }]);
  });

  it.each([
    ['p01_1 p01_2 p02_1', 'p01'],
    ['patient001_frame01 patient001_frame12 patient002_frame01', 'patient001'],
    ['sub-01_ses-01_T1w sub-01_ses-02_T1w sub-02_ses-01_T1w', 'sub-01'],
    ['TCGA_CS_4941_19960909_1 TCGA_CS_4941_19960909_2 TCGA_CS_4942_19970222_1', 'TCGA_CS_4941_19960909'],
    ['LIDC-IDRI-0001_1 LIDC-IDRI-0001_2 LIDC-IDRI-0002_1', 'LIDC-IDRI-0001'],
  ])('ask whether scans that are numbered within one patient are: %s', async (names, patient) => {
    const ids = names.split(' ');
    for (const ending of ['png', 'nii.gz']) {
      const folder = folderOf(ids.flatMap((id) => [`images/${id}.${ending}`, `masks/${id}.${ending}`]));
      const { problems } = await readCaseList(folder);
      expect(problems).toEqual([expect.stringContaining(`of one patient, ${patient}, but count as separate patients`)]);
      const patientPattern = /for example "(.*)", or/.exec(problems[0]!)![1]!;
      const { cases, problems: left } = await readCaseList(folder, { patientPattern });
      expect(left).toEqual([]);
      expect(cases.filter((each) => each.patient === patient)).toHaveLength(2);
      expect(new Set(cases.map((each) => each.patient)).size).toBe(2);
    }
  });

  it.each([
    'im_1 im_2',
    'la_003 la_004',
    'BraTS20_Training_001 BraTS20_Training_002',
    'BraTS19_2013_2_1 BraTS19_2013_3_1',
    'sub-01_T1w sub-02_T1w',
  ])('ask nothing where only the cases are numbered: %s', async (names) => {
    const files = names.split(' ').flatMap((id) => [`images/${id}.nii`, `masks/${id}.nii`]);
    expect((await readCaseList(folderOf(files))).problems).toEqual([]);
  });
});

describe('folders of DICOM', () => {
  async function dicomFolder(series: string[], masks: string[]): Promise<string> {
    const folder = join(root, String(++number));
    for (const [index, place] of series.entries()) {
      mkdirSync(join(folder, place), { recursive: true });
      writeDicomSeries(sampleScan(), join(folder, place), `${index}-patient`);
    }
    for (const mask of masks) await writeVolume(sampleMask(), join(folder, mask));
    return folder;
  }

  it('may be patients with studies with series', async () => {
    const folder = await dicomFolder(['p/s1/ct', 'p/s2/ct'], ['p/s1/mask.nii.gz', 'p/s2/mask.nii.gz']);
    const { cases } = await readCaseList(folder);
    expect(cases.map(({ id, mask }) => [id, mask])).toEqual([
      ['p/s1', join(folder, 'p/s1/mask.nii.gz')],
      ['p/s2', join(folder, 'p/s2/mask.nii.gz')],
    ]);
  });

  it.each([
    ['two series', ['c/T1', 'c/T2'], ['c/mask.nii.gz'], 'holds 2 series (T1, T2)'],
    ['two masks', ['c/ct'], ['c/liver.nii.gz', 'c/tumour.nii.gz'], 'holds 2 masks (liver.nii.gz, tumour.nii.gz)'],
  ])('leave no choice unsaid: %s', async (_, series, masks, words) => {
    const folder = await dicomFolder(series, masks);
    expect((await readCaseList(folder)).refused).toEqual([{ id: 'c', reason: expect.stringContaining(words) }]);
    const { code, stdout } = await runCli(['data', 'check', folder, '--pictures', join(root, 'pictures')]);
    expect({ code, said: stdout.includes(words) }).toEqual({ code: 1, said: true });
  });

  it('say what to do with contours, which are no mask', async () => {
    const folder = await dicomFolder(['c/ct', 'd/ct'], ['d/mask.nii.gz']);
    for (const id of ['c', 'd']) writeDicomWithoutPixels(join(folder, id, 'rs.dcm'), 'RTSTRUCT');
    const { cases, refused, problems } = await readCaseList(folder);
    expect(refused).toEqual([
      { id: 'c', reason: expect.stringMatching(/^has rs.dcm instead of a mask: it holds contours.*3D Slicer/) },
    ]);
    expect(cases.map(({ id }) => id)).toEqual(['d']);
    expect(problems).toEqual(['case d: rs.dcm holds contours (RTSTRUCT) and is ignored']);
    await expect(readVolume(join(folder, 'c/rs.dcm'))).rejects.toThrow('make a mask of them with 3D Slicer');
  });

  it('hold a preview beside the mask, which is no mask', async () => {
    const folder = await dicomFolder(['c/ct'], ['c/seg.nii.gz']);
    writeFileSync(join(folder, 'c/preview.png'), 'a picture');
    const { cases, problems } = await readCaseList(folder);
    expect(cases[0]!.mask).toBe(join(folder, 'c/seg.nii.gz'));
    expect(problems).toEqual([expect.stringContaining('preview.png is taken for a preview')]);
  });
});

it('of no case at all is an error, and not "0 cases, 0 errors"', async () => {
  const folder = folderOf(['imagesTr/a.nii.gz', 'labelsTr/a.nii.gz'], nnunet(plain));
  const { code, stdout } = await runCli(['data', 'check', folder, '--pictures', join(root, 'pictures')]);
  expect(code).toBe(1);
  expect(stdout).toContain('error noCases');
});
