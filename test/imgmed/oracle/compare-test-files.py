"""Compares every reading of the test files of pydicom and nibabel with the library itself.

    npx tsc -p tsconfig.build.json
    venv/bin/python test/imgmed/oracle/compare-test-files.py [FOLDER …] [--all]

Without folders: the files that the installed pydicom and nibabel carry. Prints a table, and each file that is not equal and
not refused by name; with --all every file. Exit code 1 where a reading differs.
"""
import collections, glob, gzip, json, os, subprocess, sys, warnings

import imagecodecs, nibabel as nib, numpy as np, pydicom
from pydicom.encaps import generate_frames
from pydicom.pixels import apply_modality_lut

warnings.simplefilter('ignore')
ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), '../../..'))
READER = """
import { createInterface } from 'node:readline';
const { readVolume } = await import(process.argv[1] + '/dist/src/imgmed/reading/read-volume.js');
for await (const file of createInterface({ input: process.stdin })) {
  try {
    const { size, channels, data, originMm, spacingMm, direction } = await readVolume(file);
    let [sum, weighted] = [0, 0];
    for (let n = 0; n < data.length; n++) { const v = Number.isFinite(data[n]) ? data[n] : 0; sum += v; weighted += v * ((n % 1009) + 1); }
    console.log(JSON.stringify({ size, channels, sum, weighted, originMm, spacingMm, direction }));
  } catch (error) { console.log(JSON.stringify({ code: error.code ?? 'crash', message: String(error.message) })); }
}
process.exit(0);
"""


def sums(ordered):
    flat = np.asarray(ordered, float).ravel()
    flat = np.where(np.isfinite(flat), flat, 0)
    return flat.sum(), (flat * (np.arange(flat.size) % 1009 + 1)).sum()


def pixels(ds):
    """By pydicom, or by imagecodecs where pydicom lacks a decoder."""
    try:
        return ds.pixel_array
    except RuntimeError:
        codec = {'80': imagecodecs.jpegls_decode, '81': imagecodecs.jpegls_decode, '90': imagecodecs.jpeg2k_decode, '91': imagecodecs.jpeg2k_decode}
        decode = codec.get(ds.file_meta.TransferSyntaxUID.rsplit('.', 1)[1], imagecodecs.jpeg_decode)
        frames = [decode(frame) for frame in generate_frames(ds.PixelData, number_of_frames=int(ds.get('NumberOfFrames', 1)))]
        return frames[0] if len(frames) == 1 else np.stack(frames)


def by_pydicom(file):
    ds = pydicom.dcmread(file, force=True)
    array = apply_modality_lut(pixels(ds), ds) if ds.get('Modality') != 'SEG' else ds.pixel_array
    if ds.get('Modality') == 'RTDOSE':
        array = array * float(ds.get('DoseGridScaling', 1))
    if ds.get('SamplesPerPixel', 1) > 1:
        array = np.moveaxis(array, -1, 0)
    return sums(array), None


def by_nibabel(file):
    image = nib.load(file)
    data = np.asanyarray(image.dataobj)
    if data.dtype.fields:
        data = np.stack([data[name] for name in data.dtype.names], -1)
    return sums(data.flatten(order='F')), np.diag([-1, -1, 1, 1]) @ image.affine


def found(folders):
    if folders:
        return sorted(f for folder in folders for f in glob.glob(folder + '/**', recursive=True) if os.path.isfile(f))
    data = lambda module, inner: os.path.join(os.path.dirname(module.__file__), inner)
    return sorted(glob.glob(data(pydicom, 'data/test_files/**/*'), recursive=True) + glob.glob(data(nib, 'tests/data/*')))


def main():
    wanted = [a for a in sys.argv[1:] if not a.startswith('--')]
    endings = ('.dcm', '.nii', '.nii.gz', '.hdr')
    files = [f for f in found(wanted) if f.lower().endswith(endings) and os.path.isfile(f)]
    done = subprocess.run(['node', '--input-type=module', '-e', READER, ROOT], input='\n'.join(files) + '\n', capture_output=True, text=True)
    table = collections.defaultdict(collections.Counter)
    different = 0
    for file, line in zip(files, done.stdout.splitlines(), strict=True):
        ours = json.loads(line)
        kind = 'DICOM' if file.lower().endswith('.dcm') else 'NIfTI'
        try:
            theirs, affine = (by_pydicom if kind == 'DICOM' else by_nibabel)(file)
            why = ''
        except Exception as error:
            theirs, affine, why = None, None, str(error).splitlines()[0][:70]
        if 'code' in ours:
            verdict = {'image.refused': 'refused by name', 'image.unreadable': 'called damaged'}.get(ours['code'], 'crashed')
            if theirs is None:
                verdict += ', by the library too'
        elif theirs is None:
            verdict = 'read, the library does not'
        else:
            close = all(abs(a - b) <= 1e-6 * max(1, abs(b)) for a, b in zip((ours['sum'], ours['weighted']), theirs))
            if affine is not None:
                mine = np.c_[np.reshape(ours['direction'], (3, 3)) * ours['spacingMm'], ours['originMm']]
                close = close and np.allclose(mine, affine[:3], atol=1e-3)
            verdict = 'equal' if close else 'DIFFERENT'
        different += verdict in ('DIFFERENT', 'crashed')
        table[kind][verdict] += 1
        if '--all' in sys.argv or verdict in ('DIFFERENT', 'crashed', 'called damaged', 'read, the library does not'):
            print(f'{verdict}: {os.path.basename(file)} {ours.get("message", "").replace(file, "")[:160]} {why}')
    for kind, counts in table.items():
        print(f'{kind}: {sum(counts.values())} files: ' + ', '.join(f'{n} {verdict}' for verdict, n in counts.most_common()))
    sys.exit(1 if different else 0)


main()
