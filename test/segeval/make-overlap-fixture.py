#!/usr/bin/python3
"""Writes overlap-fixture.json: masks with the values scikit-learn gives for them (Debian: python3-sklearn)."""
import json
import pathlib

import numpy as np
from sklearn.metrics import accuracy_score, f1_score, jaccard_score, recall_score

rng = np.random.default_rng(5)
cases = []
for classes in (2, 3, 5):
    for _ in range(4):
        truth = rng.choice(classes, 60, p=rng.dirichlet(np.ones(classes) * 3))
        predicted = np.where(rng.random(60) < 0.6, truth, rng.integers(0, classes, 60))
        present = sorted(set(truth) | set(predicted))
        in_truth = sorted(set(truth))
        cases.append({
            'classes': classes,
            'reference': truth.tolist(),
            'predicted': predicted.tolist(),
            'metrics': {
                'dice': f1_score(truth, predicted, labels=[c for c in present if c > 0], average='macro', zero_division=0),
                'meanDice': f1_score(truth, predicted, labels=present, average='macro', zero_division=0),
                'pixelAccuracy': accuracy_score(truth, predicted),
                'meanAccuracy': recall_score(truth, predicted, labels=in_truth, average='macro', zero_division=0),
                'meanIoU': jaccard_score(truth, predicted, labels=present, average='macro', zero_division=0),
                'frequencyWeightedIoU': jaccard_score(truth, predicted, labels=in_truth, average='weighted', zero_division=0),
            },
        })
path = pathlib.Path(__file__).with_name('overlap-fixture.json')
path.write_text(json.dumps(cases) + '\n')
