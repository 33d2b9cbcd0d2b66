import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isDicomFile } from '../dicom/dicom-file.ts';
import { dicomFiles, imageFiles, isFolder, listFolder } from '../reading/file-format.ts';
import { type CaseList, type DatasetLayout, datasetError } from './case-list.ts';
import { isNnunet, readDecathlon, readNnunet } from './dataset-json.ts';
import { readDicomFolders } from './dicom-folders.ts';
import { readPairs } from './folder-pairs.ts';
import { samePatients } from './same-patients.ts';

export interface ReadCaseListOptions {
  layout?: DatasetLayout | 'auto' | undefined;
  /**
   * Finds the patient in a case id: the first group, or the whole match. Without it, DICOM files or the folder may name
   * the patient; else the case is its own patient.
   */
  patientPattern?: string | undefined;
}

/** Reads any data-set folder into one list of cases. */
export async function readCaseList(
  folder: string,
  { layout = 'auto', patientPattern }: ReadCaseListOptions = {},
): Promise<CaseList> {
  if (!isFolder(folder)) throw datasetError(folder, 'is not a folder; name the folder of the data set');
  const readers: Record<DatasetLayout, () => CaseList | Promise<CaseList>> = {
    msd: () => readDecathlon(folder),
    nnunet: () => readNnunet(folder),
    pairs: () => readPairs(folder),
    dicom: () => readDicomFolders(folder),
  };
  const list = await readers[layout === 'auto' ? layoutOf(folder) : layout]();
  if (patientPattern === undefined) {
    return { ...list, problems: [...list.problems, ...samePatients(list.cases)] };
  }
  const pattern = new RegExp(patientPattern);
  const cases = list.cases.map((entry) => {
    const match = pattern.exec(entry.id);
    if (match === null)
      list.problems.push(
        `case ${entry.id} does not match patientPattern ${patientPattern}; it counts as its own patient`,
      );
    return { ...entry, patient: match?.[1] ?? match?.[0] ?? entry.id };
  });
  return { ...list, cases };
}

function layoutOf(folder: string): DatasetLayout {
  if (existsSync(join(folder, 'dataset.json'))) return isNnunet(folder) ? 'nnunet' : 'msd';
  return imageFiles(folder).length === 0 && holdsDicom(folder, 4) ? 'dicom' : 'pairs';
}

/** Whether a subfolder holds DICOM files, with a file ending or without, as scanners write them. */
function holdsDicom(folder: string, depth: number): boolean {
  return listFolder(folder)
    .filter((name) => !name.startsWith('.'))
    .map((name) => join(folder, name))
    .filter(isFolder)
    .some((path) => dicomFiles(path).some(isDicomFile) || (depth > 1 && holdsDicom(path, depth - 1)));
}
