"""Which process of the training this one is, whoever started it."""

from __future__ import annotations

import os
from typing import Mapping, Optional

#: torchrun, Open MPI, PMIx, MPICH and Intel MPI, Slurm: the first that is set is believed.
RANK_VARIABLES = ("RANK", "OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK", "SLURM_PROCID")


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
