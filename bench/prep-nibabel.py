"""The same slices with nibabel and SciPy: z-score, sagittal slices, linear resize to SIZE, 16-bit floats, one file."""
import hashlib
import json
import multiprocessing
import pathlib
import sys
import time

import nibabel
import numpy as np
from scipy import ndimage

folder, out = map(pathlib.Path, sys.argv[1:3])
size, count, workers = int(sys.argv[3]), int(sys.argv[4]), int(sys.argv[5])


def prepare(pair):
    scan = np.asarray(nibabel.load(folder / pair['image']).dataobj, 'f4')
    mask = np.asarray(nibabel.load(folder / pair['label']).dataobj)
    scan = (scan - scan.mean()) / scan.std()
    taken = min(count, scan.shape[0])
    positions = [int((i + 0.5) * scan.shape[0] / taken) for i in range(taken)]
    zoom = (1, size / scan.shape[1], size / scan.shape[2])
    images = ndimage.zoom(scan[positions], zoom, order=1, mode='nearest', grid_mode=True)
    labels = ndimage.zoom(mask[positions], zoom, order=0, mode='nearest', grid_mode=True)
    return images.astype('f2'), labels.astype('u1')


if __name__ == '__main__':
    pairs = json.loads((folder / 'dataset.json').read_text())['training']
    started = time.perf_counter()
    out.mkdir(parents=True, exist_ok=True)
    with multiprocessing.Pool(workers) as pool, open(out / 'images', 'wb') as i, open(out / 'labels', 'wb') as l:
        hash = hashlib.sha256()
        for images, labels in pool.imap(prepare, pairs):
            for data, file in ((images, i), (labels, l)):
                data = data.tobytes()
                hash.update(data)
                file.write(data)
    print(time.perf_counter() - started)
