import type { Tool } from '../../work.ts';

/** A field of a form. */
export interface AskedField<Name extends string = string> {
  name: Name;
  label: string;
  hint?: string;
  kind: 'path' | 'select' | 'number' | 'area' | 'text' | 'run' | 'model';
  /** Initial value. */
  value?: string;
  /** Options of a select. */
  options?: string[];
  /** Computes its value until something else is typed. */
  from?: (values: FormValues, roots: readonly string[]) => string;
}

/** What was typed into the fields of a form, by field name. */
export type FormValues = Record<string, string | undefined>;

type FormKind = Exclude<Tool['kind'], 'preview'>;
type FieldName<Kind extends FormKind> = Exclude<keyof Extract<Tool, { kind: Kind }>, 'kind'> & string;

interface FormOf<Kind extends FormKind> {
  kind: Kind;
  title: string;
  does: string;
  fields: AskedField<FieldName<Kind>>[];
  /** Label of the preview button. */
  preview?: string;
}

/** A step with its own form. */
export type ToolStep = { [Kind in FormKind]: FormOf<Kind> }[FormKind];

/** A step on another page. */
interface LinkedStep {
  kind: 'study';
  title: string;
  does: string;
  href: string;
}

/** The steps from a folder of scans to evaluated predictions, in order. */
export const tools: (ToolStep | LinkedStep)[] = [
  {
    kind: 'check',
    title: 'Check data',
    does: 'Reads every scan and mask in a folder and says what would go wrong. It accepts the layouts of the Decathlon and nnU-Net, DICOM series, and pairs such as case.nii.gz and case_mask.nii.gz.',
    fields: [{ name: 'folder', label: 'Folder of scans and masks', kind: 'path' }],
  },
  {
    kind: 'prep',
    title: 'Prepare slices',
    does: 'Cuts the scans into the slices that a network is trained on, split by patient into training, validation (to choose settings) and test (for the final judgement).',
    preview: 'Preview a few',
    fields: [
      { name: 'input', label: 'Folder of scans and masks', kind: 'path' },
      {
        name: 'output',
        label: 'New folder for the slices',
        kind: 'path',
        from: ({ input = '' }, roots) => beside(input, 'slices', roots),
      },
      { name: 'plane', label: 'Plane', kind: 'select', options: ['axial', 'coronal', 'sagittal'], value: 'axial' },
      { name: 'slices', label: 'Slices of each scan', hint: 'evenly spaced', kind: 'number', value: '70' },
      { name: 'size', label: 'Height and width', hint: 'of a slice, in pixels', kind: 'number', value: '64' },
      {
        name: 'train',
        label: 'Training share',
        hint: 'of the patients; 7, 1 and 2: seven tenths',
        kind: 'number',
        value: '7',
      },
      {
        name: 'validation',
        label: 'Validation share',
        hint: 'settings are chosen on it; 0: on the test part',
        kind: 'number',
        value: '1',
      },
      { name: 'test', label: 'Test share', hint: 'the result is measured on it', kind: 'number', value: '2' },
      {
        name: 'more',
        label: 'Further fields (optional)',
        hint: 'what a check asked for, one per line: spacingMm: [1, 1, 1]',
        kind: 'area',
        value: '',
      },
    ],
  },
  {
    kind: 'study',
    title: 'New study',
    does: 'Trains on one worker and on many, until many are as accurate as one.',
    href: '#/new',
  },
  {
    kind: 'publish',
    title: 'Keep a model',
    does: "Puts the network of a finished run into the project's zoo, with a card and its measured results.",
    fields: [
      { name: 'run', label: 'Run', hint: 'the newest study first, its best run first', kind: 'run' },
      {
        name: 'name',
        label: 'Name',
        hint: 'letters, digits, . - and _',
        kind: 'text',
        from: ({ study }) => study ?? '',
      },
      {
        name: 'description',
        label: 'What it finds',
        hint: 'one sentence, for its card',
        kind: 'text',
        value: 'Segmentation model',
      },
      { name: 'licence', label: 'Licence', hint: 'what others may do with it', kind: 'text', value: 'CC-BY-4.0' },
    ],
  },
  {
    kind: 'predict',
    title: 'Predict',
    does: 'Segments scans with a model: a mask on the grid of each scan, and a picture of it.',
    fields: [
      { name: 'model', label: 'Model', hint: "the project's, and those that come with the program", kind: 'model' },
      { name: 'scans', label: 'A scan, or a folder of them', kind: 'path' },
      {
        name: 'output',
        label: 'New folder for the masks',
        kind: 'path',
        from: ({ scans = '' }, roots) => beside(scans, 'predictions', roots),
      },
    ],
  },
  {
    kind: 'eval',
    title: 'Evaluate',
    does: 'Compares predicted masks with true ones of the same names: overlap, surfaces and volumes.',
    fields: [
      { name: 'predicted', label: 'Folder of predicted masks', kind: 'path' },
      { name: 'truth', label: 'Folder of true masks', kind: 'path' },
      {
        name: 'labels',
        label: 'Classes',
        hint: 'values and names, such as 1=liver,2=tumour; empty: every value',
        kind: 'text',
        value: '',
      },
    ],
  },
];

/** Names a folder derived from another: `/data/brains-slices` for `/data/brains`, `/data/slices` for a root `/data`. */
function beside(folder: string, what: string, roots: readonly string[]): string {
  const path = folder.replace(/\/+$/, '').replace(/\.(nii|nii\.gz|nrrd|mha|mhd|png)$/i, '');
  return roots.includes(path) ? `${path}/${what}` : `${path}-${what}`;
}
