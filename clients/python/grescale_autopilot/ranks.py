"""This process's rank in the training, whoever started it, and the number of processes."""

from __future__ import annotations

import os
import sys
from typing import Any, Iterator, Mapping, Optional, Tuple

#: Variables in which launchers give the rank and the number of ranks: torchrun (and autopilot itself), Lightning, Open
#: MPI, PMIx, MPICH and Intel MPI, MVAPICH, Slurm. Earlier ones take precedence.
RANK_VARIABLES = (
    ("RANK", "WORLD_SIZE"),
    ("LOCAL_RANK", "WORLD_SIZE"),
    ("OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"),
    ("PMIX_RANK", None),
    ("PMI_RANK", "PMI_SIZE"),
    ("MV2_COMM_WORLD_RANK", "MV2_COMM_WORLD_SIZE"),
    ("SLURM_PROCID", "SLURM_NTASKS"),
)

#: If one of these is loaded, processes may train together in a way that is not visible here.
OTHER_MEANS = ("horovod", "mpi4py", "jax", "tensorflow", "torch_xla", "bagua", "oneccl_bindings_for_pytorch")


def detect_rank(environment: Optional[Mapping[str, str]] = None, workers: Optional[int] = None) -> Optional[int]:
    """This process's rank, from 0, as its launcher gives it; None if none does. A rank among exactly `workers`
    processes takes precedence, then one among fewer processes that divide them, then one of an unknown number; any
    other may be inherited from whoever started the launcher, and counts as 0 if there is one worker."""
    found = list(_told(os.environ if environment is None else environment))
    if workers is not None:
        for fits in (lambda size: size == workers, lambda size: size and workers % size == 0, lambda size: size is None):
            for rank, size in found:
                if rank < workers and fits(size):
                    return rank
        if workers == 1 and found:
            return 0
    return found[0][0] if found else None


def _told(variables: Mapping[str, str]) -> Iterator[Tuple[int, Optional[int]]]:
    for name, size_name in RANK_VARIABLES:
        rank = _whole(name, variables)
        if rank is None:
            continue
        size = None if size_name is None else _whole(size_name, variables)
        if name == "LOCAL_RANK":
            # Lightning starts its ranks itself and gives them only these variables.
            node = _whole("NODE_RANK", variables) or _whole("GROUP_RANK", variables) or 0
            rank += node * (_whole("LOCAL_WORLD_SIZE", variables) or size or 1)
        yield rank, size


def _whole(name: str, variables: Mapping[str, str]) -> Optional[int]:
    text = variables.get(name, "").strip()
    if text == "":
        return None
    if not text.isdigit():
        raise ValueError("%s is %r; it must be a whole number from 0, as a launcher sets it." % (name, text))
    return int(text)


def process_group() -> Any:
    """torch.distributed where it is initialized, else None. Never imports torch."""
    distributed: Any = sys.modules.get("torch.distributed")
    if distributed is None or not distributed.is_available() or not distributed.is_initialized():
        return None
    return distributed


def is_child() -> bool:
    """Whether multiprocessing started this process, as `mp.spawn` and data loaders do."""
    process: Any = sys.modules.get("multiprocessing.process")
    return process is not None and process.parent_process() is not None


def loads_data() -> bool:
    """Whether this process is a worker of a PyTorch DataLoader."""
    data: Any = sys.modules.get("torch.utils.data")
    return data is not None and data.get_worker_info() is not None


def world_size(trains: bool) -> Optional[int]:
    """Number of processes that train together; None if unknown. `trains`: whether a PyTorch optimizer steps here."""
    distributed = process_group()
    if distributed is not None:
        return int(distributed.get_world_size())
    horovod: Any = sys.modules.get("horovod.torch")
    if horovod is not None and horovod.is_initialized():
        return int(horovod.size())
    # PyTorch training without a process group exchanges no gradients.
    return 1 if trains and not trains_otherwise() else None


def trains_otherwise() -> bool:
    """Whether a loaded library may train, or exchange gradients, without PyTorch's knowledge."""
    return any(name in sys.modules for name in OTHER_MEANS)
