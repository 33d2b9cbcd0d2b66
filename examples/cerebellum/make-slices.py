#!/usr/bin/python3
"""Makes examples/cerebellum/slices from the volumes of Debian's mricron-data package.

    sudo apt-get install mricron-data python3-nibabel python3-numpy
    /usr/bin/python3 examples/cerebellum/make-slices.py

Source: ch2.nii.gz (Colin 27, one T1-weighted head, 1 mm) and aal.nii.gz (its AAL labels).
Label 1 is the cerebellum with the vermis: AAL regions 91 to 116.

Training slices are the sagittal slices of the left hemisphere (x = 32..86), four random versions each.
Test and validation slices are of the right hemisphere, from the middle to the side in turn: five test slices, four
validation slices, and four of no part between them, so that no validation slice is next to a test slice. Test slices
have five versions each, validation slices seven. The seven slices between the hemispheres are in no part either.
A version is the padded 217 x 217 slice, turned by up to 12 degrees, scaled by up to 10 %, moved by up to 6 % of
half the width, sampled to 32 x 32 with averaging; gamma up to 25 %, a smooth intensity bias, noise 0.06; then
zero mean and unit deviation. Everything random comes from a fixed seed for each part, so the result is the same every time.
"""
import hashlib
import json
import math
import pathlib
import shutil

import nibabel
import numpy as np

TEMPLATES = pathlib.Path('/usr/share/mricron/templates')
COPYRIGHT = pathlib.Path('/usr/share/doc/mricron-data/copyright')
OUT = pathlib.Path(__file__).resolve().parent / 'slices'
SIZE = 32
TEST = [*range(94, 99), *range(111, 116), *range(128, 133), *range(145, 149)]
VALIDATION = [*range(103, 107), *range(120, 124), *range(137, 141)]
SPLITS = {
    'train': (range(32, 87), 4, 0),
    'validation': (VALIDATION, 7, 202),
    'test': (TEST, 5, 101),
}


PREPROCESSING = [
    'intensities divided by the 99.5th percentile of the head',
    'sagittal slices of 181 × 217 voxels of 1 mm, padded to 217 × 217; those of the left hemisphere to train on, of the '
    'right one to validate and to test on',
    'resampled to 32 × 32 pixels: linear, two points along each side of a pixel averaged; masks likewise, cut at one half',
    'each slice to mean 0 and standard deviation 1',
]
AUGMENTATION = [
    'each slice in several random versions and never as it is (training 4, validation 7, test 5): rotation by up to 12°; '
    'scaling by up to 10 %, and along one axis by up to 5 % more; translation by up to 3 % of the width; gamma by up to '
    '25 %; a smooth intensity bias; noise of standard deviation 0.06',
]


def bilinear(image, rows, columns):
    """image at fractional (rows, columns); outside it is zero."""
    height, width = image.shape
    r0, c0 = np.floor(rows).astype(int), np.floor(columns).astype(int)
    result = np.zeros(rows.shape)
    for dr in (0, 1):
        for dc in (0, 1):
            r, c = r0 + dr, c0 + dc
            inside = (r >= 0) & (r < height) & (c >= 0) & (c < width)
            weight = (1 - np.abs(rows - r)) * (1 - np.abs(columns - c))
            result[inside] += weight[inside] * image[r[inside], c[inside]]
    return result


def sampling_points(rng, side):
    """Where the pixels of a random version lie in the padded slice: twice SIZE along each axis."""
    angle = math.radians(rng.uniform(-12, 12))
    scale, stretch = 1 + rng.uniform(-0.10, 0.10), 1 + rng.uniform(-0.05, 0.05)
    shift_x, shift_y = rng.uniform(-0.06, 0.06, 2)
    centres = (2 * np.arange(2 * SIZE) + 1) / (2 * SIZE) - 1
    y, x = np.meshgrid(centres, centres, indexing='ij')
    px = math.cos(angle) * scale * stretch * x - math.sin(angle) * scale * y + shift_x
    py = math.sin(angle) * scale * stretch * x + math.cos(angle) * scale * y + shift_y
    return ((py + 1) * side - 1) / 2, ((px + 1) * side - 1) / 2


def halve(image):
    return image.reshape(SIZE, 2, SIZE, 2).mean(axis=(1, 3))


def finish(image, rng):
    """Gamma, bias field, noise, z-score."""
    y, x = np.meshgrid(np.linspace(-1, 1, SIZE), np.linspace(-1, 1, SIZE), indexing='ij')
    image = np.clip(image, 0, None) ** (1 + rng.uniform(-0.25, 0.25))
    c = rng.uniform(-1, 1, 5)
    field = c[0] * x + c[1] * y + c[2] * x * y + c[3] * (x * x - 0.33) + c[4] * (y * y - 0.33)
    image = image * np.exp(0.25 * field) + rng.normal(0, 0.06, image.shape)
    return (image - image.mean()) / (image.std() + 1e-6)


def make_split(volume, mask, positions, versions, seed):
    rng = np.random.default_rng(seed)
    images, labels, cases = [], [], []
    for x in positions:
        padded = np.pad(volume[x], ((0, 0), (18, 18)))
        padded_mask = np.pad(mask[x], ((0, 0), (18, 18)))
        for version in range(versions):
            rows, columns = sampling_points(rng, padded.shape[0])
            label = halve(bilinear(padded_mask, rows, columns)) > 0.5
            images.append(finish(halve(bilinear(padded, rows, columns)), rng))
            labels.append(label)
            cases.append(f'colin27-x{x}-v{version + 1}')
    return np.stack(images), np.stack(labels), cases


def write(name, array):
    data = np.ascontiguousarray(array).tobytes()
    (OUT / name).write_bytes(data)
    return {'file': name, 'bytes': len(data), 'sha256': hashlib.sha256(data).hexdigest()}


def main():
    volume = np.asarray(nibabel.load(TEMPLATES / 'ch2.nii.gz').dataobj).astype(np.float64)
    volume /= np.percentile(volume, 99.5)
    regions = np.asarray(nibabel.load(TEMPLATES / 'aal.nii.gz').dataobj)
    mask = ((regions >= 91) & (regions <= 116)).astype(np.float64)
    OUT.mkdir(exist_ok=True)
    splits = {}
    for name, (positions, versions, seed) in SPLITS.items():
        images, labels, cases = make_split(volume, mask, positions, versions, seed)
        splits[name] = {
            'count': len(cases),
            'images': {'dtype': 'float16', **write(f'{name}-images.f16', images.astype('<f2'))},
            'labels': {'dtype': 'uint8', **write(f'{name}-labels.u8', labels.astype(np.uint8))},
            'cases': cases,
        }
    pixel = round(217 / SIZE, 4)
    manifest = {
        'format': 1,
        'name': 'cerebellum',
        'height': SIZE,
        'width': SIZE,
        'channels': ['T1'],
        'classes': ['background', 'cerebellum'],
        'spacingMm': [pixel, pixel],
        'source': 'ch2.nii.gz and aal.nii.gz of MRIcron (https://www.nitrc.org/projects/mricron/), as Debian packages them in '
        'mricron-data (Colin 27, AAL labels 91 to 116)',
        'acquisition': 'MRI, T1-weighted, mean of 27 scans of one head, 1 mm',
        'licence': 'BSD-3-Clause, see LICENCE',
        'madeBy': 'examples/cerebellum/make-slices.py',
        'preprocessing': PREPROCESSING,
        'augmentation': AUGMENTATION,
        'splits': splits,
    }
    (OUT / 'manifest.json').write_text(json.dumps(manifest, indent=1) + '\n')
    shutil.copyfile(COPYRIGHT, OUT / 'LICENCE')
    print({name: split['count'] for name, split in splits.items()})


main()
