"""`current()`: the run this process belongs to."""

from __future__ import annotations

import json
import os
from typing import Any, Dict, Optional, Union

from .arguments import Arguments
from .own_rank import OwnRank
from .random_state import seed_all
from .run import Run

PROTOCOL_VERSION = 1


def current(
    epochs: Union[int, Any] = 1,
    initial_lr: float = 0.01,
    optimizer: str = "sgd",
    batch_per_worker: int = 1,
    seed: int = 0,
    directory: Optional[str] = None,
    rank: Optional[int] = None,
) -> Run:
    """The run that autopilot started this process for. Call it in every process that trains.

    `epochs` may also be the script's own arguments (the result of `argparse`, or a dict): epochs, rate, batch and seed
    are read from them by their usual names, and under autopilot they are replaced by the run's.

    Without `AUTOPILOT_RUN` in the environment (a script started by hand) the run is inert: it has the values given here
    and a constant rate, and writes nothing. `rank` is for processes whose rank neither torch.distributed nor a
    launcher's variables give.
    """
    folder = directory or os.environ.get("AUTOPILOT_RUN")
    arguments = None if isinstance(epochs, int) else Arguments(epochs)
    if not folder:
        spec = _by_hand(epochs, initial_lr, optimizer, batch_per_worker, seed)
        if arguments is not None:
            arguments.read_into(spec)
        return Run(None, spec, OwnRank(spec["workers"], rank))
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
            "%s has protocol %r; this client supports %d. Install the client that came with this autopilot."
            % (path, spec.get("protocol"), PROTOCOL_VERSION)
        )
    if arguments is not None:
        arguments.write_from(spec)
        # So that a script that seeds nothing still trains from the run's seed.
        seed_all(spec["seed"])
    return Run(os.path.abspath(folder), spec, OwnRank(spec["workers"], rank))


def _by_hand(epochs: Any, initial_lr: float, optimizer: str, batch_per_worker: int, seed: int) -> Dict[str, Any]:
    workers = int(os.environ.get("WORLD_SIZE", "1") or 1)
    number = epochs if isinstance(epochs, int) else 1
    return {
        "attempt": 1,
        "seed": seed,
        "workers": workers,
        "batchPerWorker": batch_per_worker,
        "epochs": number,
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
            "epochs": number,
            "initialLr": initial_lr,
            "scaling": "none",
        },
        "metrics": [],
        "checkpoints": {"everyEpochs": number, "keep": 2},
        "resumeFrom": None,
    }
