"""`current()`: the run this process belongs to."""

from __future__ import annotations

import json
import os
from typing import Any, Dict, Optional

from .ranks import detect_rank
from .run import Run

PROTOCOL_VERSION = 1


def current(
    epochs: int = 1,
    initial_lr: float = 0.01,
    optimizer: str = "sgd",
    batch_per_worker: int = 1,
    seed: int = 0,
    directory: Optional[str] = None,
) -> Run:
    """The run that autopilot started this process for.

    Without `AUTOPILOT_RUN` in the environment (a script started by hand) the run is inert: it has the values given
    here, a constant rate, and writes nothing.
    """
    folder = directory or os.environ.get("AUTOPILOT_RUN")
    rank = detect_rank()
    if not folder:
        return Run(None, _by_hand(epochs, initial_lr, optimizer, batch_per_worker, seed), rank)
    path = os.path.join(folder, "run.json")
    try:
        with open(path, encoding="utf-8") as file:
            spec = json.load(file)
    except (OSError, ValueError) as error:
        raise RuntimeError(
            "AUTOPILOT_RUN is %s, but %s cannot be read: %s. Unset AUTOPILOT_RUN to run by hand." % (folder, path, error)
        ) from error
    if spec.get("protocol") != PROTOCOL_VERSION:
        raise RuntimeError(
            "%s has protocol %r; this client speaks %d. Install the client that belongs to this autopilot."
            % (path, spec.get("protocol"), PROTOCOL_VERSION)
        )
    return Run(os.path.abspath(folder), spec, rank)


def _by_hand(epochs: int, initial_lr: float, optimizer: str, batch_per_worker: int, seed: int) -> Dict[str, Any]:
    workers = int(os.environ.get("WORLD_SIZE", "1") or 1)
    return {
        "attempt": 1,
        "seed": seed,
        "workers": workers,
        "batchPerWorker": batch_per_worker,
        "epochs": epochs,
        "setting": {
            "initialLr": initial_lr,
            "decayCoefficient": 0.0,
            "warmupEpochs": 0.0,
            "decayEpochs": 0.0,
            "optimizer": optimizer,
        },
        "schedule": {
            "policy": "constant",
            "workers": workers,
            "epochs": epochs,
            "initialLr": initial_lr,
            "scaling": "none",
        },
        "metrics": [],
        "checkpoints": {"everyEpochs": epochs, "keep": 2},
        "resumeFrom": None,
    }
