#!/usr/bin/python3
"""Makes test/segeval/reference.json.gz: masks, and what scikit-learn, SciPy and scikit-image say about them.

    sudo apt-get install python3-scipy python3-sklearn python3-skimage python3-nibabel mricron-data
    /usr/bin/python3 test/segeval/make-reference.py

1,000 random cases in two and three dimensions, empty and full masks among them, and 24 pairs of regions of the
AAL atlas with displaced copies. No formula is shared with src/segeval: overlap comes from scikit-learn, distances
from SciPy's Euclidean distance transform on surfaces that binary_erosion finds, the Hausdorff distance from
scikit-image as well, and lesions from SciPy's label.
"""
import base64
import gzip
import json
import pathlib

import nibabel
import numpy as np
from scipy import ndimage
from skimage import metrics as skimage_metrics
from sklearn import metrics as sk

OUT = pathlib.Path(__file__).with_name('reference.json.gz')
rng = np.random.default_rng(20210)


def blob(shape):
    kind = rng.integers(0, 6)
    if kind == 0:
        return rng.random(shape) < rng.uniform(0.02, 0.9)
    smooth = ndimage.gaussian_filter(rng.normal(size=shape), rng.uniform(0.6, 2.0))
    return smooth > np.quantile(smooth, rng.uniform(0.3, 0.97))


def surface(mask):
    structure = ndimage.generate_binary_structure(mask.ndim, 1)
    return mask & ~ndimage.binary_erosion(mask, structure, border_value=0)


def distances(p, t, spacing):
    sp, st = surface(p), surface(t)
    to_t = ndimage.distance_transform_edt(~st, sampling=spacing)[sp]
    to_p = ndimage.distance_transform_edt(~sp, sampling=spacing)[st]
    hausdorff = max(to_t.max(), to_p.max())
    points = [np.argwhere(s) * spacing for s in (sp, st)]
    if len(set(spacing)) == 1:
        other = skimage_metrics.hausdorff_distance(sp, st) * spacing[0]
        assert abs(other - hausdorff) < 1e-9, (other, hausdorff)
    assert len(points[0]) and len(points[1])
    return {
        'hausdorffMm': hausdorff,
        'hausdorff95Mm': max(np.percentile(to_t, 95), np.percentile(to_p, 95)),
        'averageSurfaceDistanceMm': to_t.mean(),
        'averageSymmetricSurfaceDistanceMm': np.concatenate([to_t, to_p]).mean(),
        'averageVolumeDistanceMm': max(
            ndimage.distance_transform_edt(~t, sampling=spacing)[p].mean(),
            ndimage.distance_transform_edt(~p, sampling=spacing)[t].mean(),
        ),
    }


def surface_dice(p, t, spacing, tolerance):
    sp, st = surface(p), surface(t)
    near = [
        (ndimage.distance_transform_edt(~other, sampling=spacing)[own] <= tolerance).sum()
        for own, other in ((sp, st), (st, sp))
    ]
    return sum(near) / (sp.sum() + st.sum())


def lesions(p, t):
    corners = np.ones((3,) * p.ndim)
    true, true_count = ndimage.label(t, corners)
    found, found_count = ndimage.label(p, corners)
    detected = len(np.setdiff1d(np.unique(true[p]), [0]))
    return {
        'lesionsDetected': detected,
        'lesionsMissed': true_count - detected,
        'lesionsFalse': found_count - len(np.setdiff1d(np.unique(found[t]), [0])),
    }


def reference(p, t, spacing, tolerance):
    pf, tf = p.ravel(), t.ravel()
    values = {'accuracy': sk.accuracy_score(tf, pf), **lesions(p, t)}
    if p.any() or t.any():
        values['dice'] = sk.f1_score(tf, pf, zero_division=0)
        values['iou'] = sk.jaccard_score(tf, pf, zero_division=0)
        values['volumeSimilarity'] = 1 - abs(int(p.sum()) - int(t.sum())) / (int(p.sum()) + int(t.sum()))
    if t.any():
        values['sensitivity'] = sk.recall_score(tf, pf)
    if not t.all():
        values['specificity'] = sk.recall_score(tf, pf, pos_label=False)
    if p.any():
        values['precision'] = sk.precision_score(tf, pf)
    if p.any() and t.any():
        values.update(distances(p, t, spacing), surfaceDice=surface_dice(p, t, spacing, tolerance))
    elif p.any() or t.any():
        values['surfaceDice'] = 0
    return {name: float(value) for name, value in values.items()}


def entry(p, t, spacing, tolerance):
    # First axis fastest, as in the files.
    pack = lambda m: base64.b64encode(np.packbits(m.ravel(order='F'), bitorder='little')).decode()
    return {
        'size': list(p.shape),
        'spacingMm': [float(s) for s in spacing],
        'surfaceToleranceMm': tolerance,
        'predicted': pack(p),
        'truth': pack(t),
        'values': reference(p, t, spacing, tolerance),
    }


tolerances = [0.0, 0.5, 1.0, 2.0, 3.7]
cases = []
for number in range(1000):
    axes = 2 if number % 2 else 3
    shape = tuple(int(n) for n in rng.integers(3, 24 if axes == 2 else 12, axes))
    spacing = [1.0] * axes if number % 5 == 0 else [round(float(s), 3) for s in rng.uniform(0.4, 5, axes)]
    t = blob(shape)
    p = blob(shape) if number % 3 == 0 else np.logical_xor(t, rng.random(shape) < 0.08)
    if number % 25 == 1: t = np.zeros(shape, bool)
    if number % 25 == 2: p = np.zeros(shape, bool)
    if number % 50 == 3: t = np.ones(shape, bool)
    if number % 50 == 4: p = np.ones(shape, bool)
    if number % 100 == 5: p, t = np.zeros(shape, bool), np.zeros(shape, bool)
    if number % 100 == 6: p, t = np.ones(shape, bool), np.ones(shape, bool)
    if number % 100 == 7: p = t.copy()
    cases.append(entry(p, t, spacing, tolerances[number % 5]))

aal = np.asarray(nibabel.load('/usr/share/mricron/templates/aal.nii.gz').dataobj)
for number in range(24):
    region = aal == (37 + number)
    box = ndimage.find_objects(region.astype(int))[0]
    box = tuple(slice(max(0, s.start - 4), s.stop + 4) for s in box)
    t = region[box][::2, ::2, ::2]
    p = ndimage.shift(t.astype('u1'), [1, -1, number % 3], order=0).astype(bool)
    if number % 2: p = ndimage.binary_dilation(p)
    cases.append(entry(p, t, [2.0, 2.0, 2.0] if number % 4 else [1.0, 2.0, 3.0], tolerances[number % 5]))

with gzip.GzipFile(OUT, 'wb', mtime=0) as file:
    file.write(json.dumps(cases, separators=(',', ':')).encode())
print(len(cases), 'cases,', OUT.stat().st_size, 'bytes')
