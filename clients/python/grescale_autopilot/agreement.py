"""One answer for all ranks."""

from __future__ import annotations

import sys
from typing import Any, List


def agree_with_rank_0(answer: bool) -> bool:
    """Rank 0's answer, on every rank, where torch.distributed runs; else the answer itself. Never imports torch."""
    distributed: Any = sys.modules.get("torch.distributed")
    if distributed is None or not distributed.is_available() or not distributed.is_initialized():
        return answer
    answers: List[bool] = [answer]
    distributed.broadcast_object_list(answers, src=0)
    return bool(answers[0])
