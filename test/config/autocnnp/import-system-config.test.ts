import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { importSystemConfig } from '../../../src/config/autocnnp/import-system-config.ts';
import { studyConfig } from '../../../src/config/study-config.ts';
import { runCli } from '../../cli/run-cli.ts';

const file = fileURLToPath(new URL('listing.xml', import.meta.url));
const listing = readFileSync(file, 'utf8');

describe('an Auto-CNNp config file', () => {
  it('as in the thesis becomes a study', () => {
    expect(importSystemConfig(listing, 'brain.xml').study).toEqual({
      name: 'brain',
      task: 'segmentation',
      workers: 3,
      model: { architecture: 'unet' },
      strategy: 'ring',
      launcher: { kind: 'mpi' },
      placement: { devices: 'localRank' },
      data: { kind: 'slices', path: 'slices' },
      loss: 'dice',
      batchPerWorker: 10,
      epochs: 120,
      setting: { initialLr: 1e-5, optimizer: 'sgd' },
    });
  });

  it('has every tag accounted for, the Keras model and the Python plugin with what to do', () => {
    const { lines } = importSystemConfig(listing, 'brain.xml');
    const of = (text: string) => lines.find(({ tag }) => tag.includes(text));
    expect(lines).toHaveLength(18);
    expect(of('U-Net.py')?.note).toContain('tensorflowjs_converter --input_format=keras');
    expect(of('ckpt1.py')).toMatchObject({ state: 'adapted', note: expect.stringContaining('components.callbacks') });
    expect(of('soft_placement')?.state).toBe('dropped');
    expect(of('<train>')?.note).toContain('ln -s "$(realpath /data/brain-validation)" scans/validation');
    expect(of('<valid>')).toMatchObject({ state: 'adapted', note: expect.stringContaining('settings are chosen') });
  });

  it('links data of any path, and says so once where no training folder is named', () => {
    const without = listing.replace(/<train>.*<\/train>/, '').replace('/data/brain-validation', "my brains/it's");
    const { lines } = importSystemConfig(without, 'brain.xml');
    const first = lines.find(({ tag }) => tag.includes('<valid>'));
    expect(first).toMatchObject({ state: 'todo', note: expect.stringContaining("realpath 'my brains/it'\\''s'") });
    expect(lines.filter(({ note }) => note.includes('ln -s'))).toHaveLength(1);
  });

  it('has its entities read as the characters that they stand for', () => {
    const named = listing.replace('/data/brain-validation', '/data/b&amp;w &lt;1&gt; &#955;');
    const { lines } = importSystemConfig(named, 'x.xml');
    expect(lines.map(({ note }) => note).join('\n')).toContain("realpath '/data/b&w <1> λ'");
  });

  it('keeps TensorFlow’s growing GPU memory', () => {
    const grows = listing.replace('soft_placement', 'allow_growth');
    expect(importSystemConfig(grows, 'x.xml').study.memory).toEqual({ gpu: 'grow' });
  });

  it('has unknown tags and properties named, not swallowed', () => {
    const more = listing
      .replace('<data>', '<cluster size="4"/><data><extra>1</extra>')
      .replace('<hyperparameters>', '<hyperparameters><property name="gamma">2</property>');
    const tags = importSystemConfig(more, 'x.xml').lines.map(({ tag }) => tag);
    expect(tags).toEqual(expect.arrayContaining(['<cluster size="4">', '<data> <extra>', '<property name="gamma"> 2']));
  });

  it.each([
    ['<system_config><task>', /x\.xml:1: .*correct the XML/],
    ['<config/>', /root element is <config>/],
    ['<system_config/>', /it has 0 <task> elements/],
    [
      `<!DOCTYPE c [<!ENTITY e SYSTEM "file:///etc/hostname">]>${listing}`,
      /x\.xml: External entities are not supported/,
    ],
    [
      listing.replace('brain-validation', 'a&foo;b'),
      /x\.xml:\d+: &foo; is not one of XML's own entities; write the text/,
    ],
    [`<!DOCTYPE c [<!ENTITY e "brain">]>${listing.replace('brain-validation', '&e;')}`, /&e; is not one of XML's own/],
    [listing.replace('>3<', '>three<'), /<parallelism-degree> is "three"/],
    [listing.replace('1e-5', 'fast'), /<property name="lr"> is "fast"; give a number above 0/],
  ])('that is wrong is refused: %#', (xml, message) => {
    expect(() => importSystemConfig(xml, 'x.xml')).toThrow(message);
  });

  it('is imported by the command line, which replaces no file unasked', async () => {
    const cwd = mkdtempSync(join(tmpdir(), 'auto-cnnp-'));
    const done = await runCli(['import', 'auto-cnnp', file], { cwd });
    expect(done).toMatchObject({ code: 0, stdout: expect.stringContaining('strategy: ring, launcher.kind: mpi') });
    const text = readFileSync(join(cwd, 'study.yaml'), 'utf8');
    expect(studyConfig.safeParse(parse(text)).success).toBe(true);
    writeFileSync(join(cwd, 'study.yaml'), 'mine');
    const again = await runCli(['import', 'auto-cnnp', file], { cwd });
    expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining('--force') });
  });
});
