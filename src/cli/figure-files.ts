import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AutopilotError, messageOf } from '../domain/errors.ts';
import { makeFolder } from '../protocol/files/make-folder.ts';
import { svgPng } from '../report/svg-png.ts';

export interface FigureFiles {
  folder: string;
  /** Name of the files, without their extensions. */
  name: string;
  svg: string;
  csv: string;
  data: object;
}

/** Writes a figure as SVG and PNG, and its data as CSV and JSON; returns their paths. */
export function writeFigureFiles({ folder, name, svg, csv, data }: FigureFiles): string[] {
  const files: [string, string | Buffer][] = [
    [join(folder, `${name}.svg`), svg],
    [join(folder, `${name}.png`), svgPng(svg)],
    [join(folder, `${name}.csv`), csv],
    [join(folder, `${name}.json`), `${JSON.stringify(data, null, 2)}\n`],
  ];
  try {
    makeFolder(folder);
    for (const [file, content] of files) writeFileSync(file, content);
  } catch (thrown) {
    throw new AutopilotError(
      'figure.write',
      `The figure cannot be written to ${folder}: ${messageOf(thrown)}. Name another folder with --out; the results are stored.`,
      { cause: thrown },
    );
  }
  return files.map(([file]) => file);
}
