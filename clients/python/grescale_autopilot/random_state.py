"""The states of all random generators of a process: Python's, NumPy's, PyTorch's on CPU and GPUs."""

from __future__ import annotations

import pickle
import random
import sys
from typing import Any, Dict


def seed_all(seed: int) -> None:
    """Seeds the generators of all loaded libraries, for a script that seeds nothing itself."""
    random.seed(seed)
    numpy, torch = _loaded("numpy"), _loaded("torch")
    if numpy is not None:
        numpy.random.seed(seed % (1 << 32))
    if torch is not None:
        torch.manual_seed(seed)


def random_state() -> bytes:
    state: Dict[str, Any] = {"python": random.getstate()}
    numpy, torch = _loaded("numpy"), _loaded("torch")
    if numpy is not None:
        state["numpy"] = numpy.random.get_state()
    if torch is not None:
        state["torch"] = torch.get_rng_state().numpy().tobytes() if numpy is not None else torch.get_rng_state()
        if torch.cuda.is_available() and torch.cuda.is_initialized():
            state["cuda"] = [each.cpu() for each in torch.cuda.get_rng_state_all()]
    return pickle.dumps(state)


def restore_random_state(data: bytes) -> None:
    state = pickle.loads(data)
    random.setstate(state["python"])
    numpy, torch = _loaded("numpy"), _loaded("torch")
    if numpy is not None and "numpy" in state:
        numpy.random.set_state(state["numpy"])
    if torch is not None and "torch" in state:
        cpu = state["torch"]
        torch.set_rng_state(torch.frombuffer(bytearray(cpu), dtype=torch.uint8) if isinstance(cpu, bytes) else cpu)
        if "cuda" in state and torch.cuda.is_available() and torch.cuda.device_count() == len(state["cuda"]):
            torch.cuda.set_rng_state_all(state["cuda"])


def _loaded(name: str) -> Any:
    return sys.modules.get(name)
