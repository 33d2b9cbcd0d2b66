#!/usr/bin/python3
"""Lays the real volumes of Debian's mricron-data out as a Medical Segmentation Decathlon data set.

    sudo apt-get install mricron-data python3-nibabel python3-numpy
    /usr/bin/python3 test/imgmed/make-decathlon.py FOLDER

Task: brain against background, in two species. Cases: ch2 (human, Colin 27, T1; brain where ch2bet is) in four
slabs from left to right, and inia19 (macaque; brain where NeuroMaps has a label) whole. A slab is a case with its
own place in space, so that four of them can be trained on and tested apart; the macaque is a test of transfer.
"""
import json
import pathlib
import sys

import nibabel
import numpy as np

TEMPLATES = pathlib.Path('/usr/share/mricron/templates')
out = pathlib.Path(sys.argv[1])
for name in ('imagesTr', 'labelsTr', 'imagesTs'):
    (out / name).mkdir(parents=True, exist_ok=True)


def save(data, affine, path):
    image = nibabel.Nifti1Image(data, affine)
    image.header.set_xyzt_units('mm')
    nibabel.save(image, path)


def add(name, image, mask, affine):
    save(image, affine, out / 'imagesTr' / f'{name}.nii.gz')
    save(mask.astype('u1'), affine, out / 'labelsTr' / f'{name}.nii.gz')
    training.append({'image': f'./imagesTr/{name}.nii.gz', 'label': f'./labelsTr/{name}.nii.gz'})


training = []
head = nibabel.load(TEMPLATES / 'ch2.nii.gz')
voxels = np.asarray(head.dataobj)
brain = np.asarray(nibabel.load(TEMPLATES / 'aal.nii.gz').dataobj) > 0
for number, start in enumerate(range(20, 160, 35)):
    affine = head.affine.copy()
    affine[:3, 3] = (head.affine @ [start, 0, 0, 1])[:3]
    add(f'human_{number}', voxels[start : start + 35], brain[start : start + 35], affine)
monkey = nibabel.load(TEMPLATES / 'inia19-t1-brain.nii.gz')
labels = np.asarray(nibabel.load(TEMPLATES / 'inia19-NeuroMaps.nii.gz').dataobj) > 0
add('macaque_0', np.asarray(monkey.dataobj, 'f4'), labels, monkey.affine)
save(voxels, head.affine, out / 'imagesTs' / 'human_whole.nii.gz')

(out / 'dataset.json').write_text(json.dumps({
    'name': 'Brains',
    'description': 'Brain regions of Colin 27 and of the INIA19 macaque',
    'licence': 'BSD-3-Clause (ch2, aal), CC-BY (inia19); see /usr/share/doc/mricron-data/copyright',
    'tensorImageSize': '3D',
    'modality': {'0': 'T1'},
    'labels': {'0': 'background', '1': 'brain'},
    'numTraining': len(training),
    'numTest': 1,
    'training': training,
    'test': ['./imagesTs/human_whole.nii.gz'],
}, indent=1) + '\n')
