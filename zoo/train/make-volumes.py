#!/usr/bin/python3
"""Lays Colin 27 out for the networks of the zoo, one data set a structure, in nnU-Net's layout.

    sudo apt-get install mricron-data python3-nibabel python3-numpy
    /usr/bin/python3 zoo/train/make-volumes.py FOLDER

Source: ch2.nii.gz (Colin 27, one T1-weighted head, 1 mm), aal.nii.gz (its AAL labels) and ch2bet.nii.gz (its brain,
as BET found it) of Debian's mricron-data. The left hemisphere with the midline (x < 94) is for training, the right one
(x >= 101) for testing; seven slices between them are in neither.
"""
import json
import pathlib
import sys

import nibabel
import numpy as np

TEMPLATES = pathlib.Path('/usr/share/mricron/templates')
AAL = {'caudate': (71, 72), 'putamen': (73, 74), 'pallidum': (75, 76), 'thalamus': (77, 78)}
out = pathlib.Path(sys.argv[1])

head = nibabel.load(TEMPLATES / 'ch2.nii.gz')
voxels = np.asarray(head.dataobj)
regions = np.asarray(nibabel.load(TEMPLATES / 'aal.nii.gz').dataobj)
brain = np.asarray(nibabel.load(TEMPLATES / 'ch2bet.nii.gz').dataobj) > 0
grey = np.zeros(regions.shape, 'u1')
for number, values in enumerate(AAL.values(), 1):
    grey[np.isin(regions, values)] = number
SETS = {
    'cerebellum': ((regions >= 91) & (regions <= 116), {'cerebellum': 1}),
    'deep-grey': (grey, {name: number for number, name in enumerate(AAL, 1)}),
    'brain': (brain, {'brain': 1}),
}


def save(data, start, path):
    path.parent.mkdir(parents=True, exist_ok=True)
    affine = head.affine.copy()
    affine[:3, 3] = head.affine[:3, :3] @ [start, 0, 0] + head.affine[:3, 3]
    image = nibabel.Nifti1Image(data, affine)
    image.header.set_xyzt_units('mm')
    nibabel.save(image, path)


for name, (mask, labels) in SETS.items():
    for part, case, start, end in (('Tr', 'left', 0, 94), ('Ts', 'right', 101, voxels.shape[0])):
        save(voxels[start:end], start, out / name / f'images{part}' / f'{case}_0000.nii.gz')
        save(mask[start:end].astype('u1'), start, out / name / f'labels{part}' / f'{case}.nii.gz')
    about = {'name': f'Colin 27, {name}', 'channel_names': {'0': 'T1'}, 'labels': {'background': 0, **labels}}
    licence = {'licence': 'BSD-3-Clause (Debian mricron-data)', 'numTraining': 1, 'file_ending': '.nii.gz'}
    (out / name / 'dataset.json').write_text(json.dumps({**about, **licence}, indent=1) + '\n')
