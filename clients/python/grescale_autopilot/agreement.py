"""One answer for all ranks."""

from __future__ import annotations

import sys
from typing import Any, Dict

from .ranks import process_group

#: The tensors the answers travel in, by device. They live as long as the process: one that only the process group
#: still held would be freed on its thread, which needs Python's lock, and a process that ends while it holds the lock
#: waits for that thread for ever (seen with gloo in PyTorch 1.13; broadcast_object_list has that problem).
_answers: Dict[str, Any] = {}


def agree_with_rank_0(answer: bool) -> bool:
    """Rank 0's answer, on every rank, where torch.distributed runs; else the answer itself. Never imports torch."""
    distributed = process_group()
    if distributed is None:
        return answer
    torch: Any = sys.modules["torch"]
    # NCCL carries only what is on the GPU.
    device = "cuda:%d" % torch.cuda.current_device() if distributed.get_backend() == "nccl" else "cpu"
    if device not in _answers:
        _answers[device] = torch.zeros(1, device=device)
    shared = _answers[device].fill_(1.0 if answer else 0.0)
    distributed.broadcast(shared, src=0)
    return bool(shared.item())
