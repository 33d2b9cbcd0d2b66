"""Which process of the training this one is, whoever started it, and how many there are."""

from __future__ import annotations

import os
import sys
from typing import Any, Mapping, Optional

#: torchrun, Open MPI, PMIx, MPICH and Intel MPI, Slurm: the first that is set is believed.
RANK_VARIABLES = ("RANK", "OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK", "SLURM_PROCID")

#: Where one of these is loaded, processes may train together in a way that is not seen here.
OTHER_MEANS = ("horovod", "mpi4py", "jax", "tensorflow", "torch_xla", "bagua", "oneccl_bindings_for_pytorch")


def detect_rank(environment: Optional[Mapping[str, str]] = None) -> int:
    """This process's rank from 0; 0 where nobody says otherwise."""
    variables = os.environ if environment is None else environment
    for name in RANK_VARIABLES:
        text = variables.get(name, "").strip()
        if text == "":
            continue
        if not text.isdigit():
            raise ValueError("%s is %r; it must be this process's rank, a whole number from 0." % (name, text))
        return int(text)
    return 0


def process_group() -> Any:
    """torch.distributed where it is initialized, else None. Never imports torch."""
    distributed: Any = sys.modules.get("torch.distributed")
    if distributed is None or not distributed.is_available() or not distributed.is_initialized():
        return None
    return distributed


def world_size(trains: bool) -> Optional[int]:
    """Processes that train together. None where nobody can tell. `trains`: does a PyTorch optimizer step here?"""
    distributed = process_group()
    if distributed is not None:
        return int(distributed.get_world_size())
    horovod: Any = sys.modules.get("horovod.torch")
    if horovod is not None and horovod.is_initialized():
        return int(horovod.size())
    # A PyTorch training without a process group exchanges no gradient with anybody.
    alone = trains and not any(name in sys.modules for name in OTHER_MEANS)
    return 1 if alone else None
