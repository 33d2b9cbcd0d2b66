"""Agreement and data exchange between ranks, where torch.distributed is initialized. Never imports torch."""

from __future__ import annotations

import sys
from typing import Any, Dict, List, Tuple

from .ranks import process_group

#: Tensors used for communication, by type, size, device and use. They live as long as the process: a tensor held only
#: by the process group would be freed on the group's thread, which needs Python's lock, and a process that ends while
#: holding that lock waits for the thread forever (seen with gloo in PyTorch 1.13, also in broadcast_object_list).
_tensors: Dict[Tuple[Any, ...], Any] = {}


def agree_with_rank_0(answer: bool) -> bool:
    """Returns rank 0's answer on every rank; without torch.distributed, the given answer."""
    distributed = process_group()
    if distributed is None:
        return answer
    torch: Any = sys.modules["torch"]
    shared = _tensor(torch.float32, 1, "answer").fill_(1.0 if answer else 0.0)
    distributed.broadcast(shared, src=0)
    return bool(shared.item())


def gather_bytes(data: bytes) -> List[bytes]:
    """Returns every rank's bytes, in rank order, on every rank."""
    distributed = process_group()
    if distributed is None:
        return [data]
    torch: Any = sys.modules["torch"]
    ranks = range(distributed.get_world_size())
    length = _tensor(torch.int64, 1, "length").fill_(len(data))
    lengths = [_tensor(torch.int64, 1, "length", rank) for rank in ranks]
    distributed.all_gather(lengths, length)
    sizes = [int(each.item()) for each in lengths]
    # Rounded up, so that few tensors are kept however the lengths change.
    longest = (max(sizes) // 65536 + 1) * 65536
    mine = _tensor(torch.uint8, longest, "bytes")
    mine[: len(data)] = torch.frombuffer(bytearray(data), dtype=torch.uint8).to(mine.device)
    parts = [_tensor(torch.uint8, longest, "bytes", rank) for rank in ranks]
    distributed.all_gather(parts, mine)
    return [part[:size].cpu().numpy().tobytes() for part, size in zip(parts, sizes)]


def _tensor(dtype: Any, size: int, *what: Any) -> Any:
    torch: Any = sys.modules["torch"]
    # NCCL transfers only GPU tensors.
    nccl = "nccl" in str(process_group().get_backend())
    device = "cuda:%d" % torch.cuda.current_device() if nccl else "cpu"
    key = (dtype, size, device) + what
    if key not in _tensors:
        _tensors[key] = torch.zeros(size, dtype=dtype, device=device)
    return _tensors[key]
