"""Makes images/ from the handwritten digits that scikit-learn ships (Debian: python3-sklearn).

python3 make-images.py /usr/lib/python3/dist-packages/sklearn/datasets/data/digits.csv.gz

1,797 images of 8 x 8 pixels, values 0 to 16: the test set of the UCI data set "Optical Recognition of Handwritten
Digits" (13 writers). The file keeps the order of collection, so the first 900 images train, the next 300 validate and
the last 597 test, and most writers are in one part only.
"""

import gzip
import hashlib
import json
import sys
from pathlib import Path

TRAIN = 900
VALIDATION = 300
folder = Path(__file__).parent / "images"
with gzip.open(sys.argv[1], "rt") as file:
    rows = [[int(float(value)) for value in line.split(",")] for line in file if line.strip()]
folder.mkdir(exist_ok=True)


def store(name, values, **facts):
    data = bytes(values)
    (folder / name).write_bytes(data)
    return {"dtype": "uint8", **facts, "file": name, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def split(name, part):
    # Mean 4.9 and deviation 6.0 of all pixels: intensities of about zero mean and unit deviation.
    images = store(f"{name}-images.u8", [v for row in part for v in row[:64]], scale=1 / 6, offset=-4.9 / 6)
    labels = store(f"{name}-labels.u8", [row[64] for row in part])
    return {"count": len(part), "images": images, "labels": labels, "cases": [f"{name}-{i + 1}" for i in range(len(part))]}


manifest = {
    "format": 1,
    "name": "digits",
    "task": "classification",
    "height": 8,
    "width": 8,
    "channels": ["intensity"],
    "classes": [str(digit) for digit in range(10)],
    "spacingMm": None,
    "source": "UCI Machine Learning Repository, Optical Recognition of Handwritten Digits (Alpaydin and Kaynak 1998), "
    "https://doi.org/10.24432/C50P49, test set, as shipped by scikit-learn",
    "acquisition": "Handwriting on paper forms, scanned to bitmaps of 32 x 32",
    "licence": "CC BY 4.0",
    "madeBy": "make-images.py",
    "preprocessing": [
        "by the data set's authors: black pixels counted in blocks of 4 x 4, so that each image has 8 x 8 pixels of 0 to 16",
        "4.9 subtracted, divided by 6.0: mean and standard deviation of all pixels",
    ],
    "splits": {
        "train": split("train", rows[:TRAIN]),
        "validation": split("validation", rows[TRAIN : TRAIN + VALIDATION]),
        "test": split("test", rows[TRAIN + VALIDATION :]),
    },
}
(folder / "manifest.json").write_text(json.dumps(manifest) + "\n")
