"""A loader's position: its samplers' generators and epoch counters."""

from __future__ import annotations

from typing import Any, Dict, List

import torch

#: The parts of a loader, PyTorch's or Accelerate's.
_PARTS = ("base_dataloader", "batch_sampler", "sampler")
_COUNTERS = ("epoch", "iteration")


def loader_state(loader: Any) -> List[Dict[str, Any]]:
    """One entry for each part, empty if the part has no state."""
    return [_state_of(part) for part in _parts_of(loader)]


def restore_loader(loader: Any, state: List[Dict[str, Any]]) -> None:
    parts = _parts_of(loader)
    # Not the loader that was saved: the script changed, and its data with it.
    if len(parts) != len(state):
        return
    for part, values in zip(parts, state):
        for name, value in values.items():
            if isinstance(value, torch.Tensor):
                getattr(part, name).set_state(value)
            else:
                setattr(part, name, value)


def _state_of(part: Any) -> Dict[str, Any]:
    state: Dict[str, Any] = {}
    for name, value in vars(part).items():
        if isinstance(value, torch.Generator):
            state[name] = value.get_state()
        elif name in _COUNTERS and type(value) is int:
            state[name] = value
    return state


def _parts_of(loader: Any) -> List[Any]:
    found: List[Any] = []

    def visit(part: Any) -> None:
        if not hasattr(part, "__dict__") or any(part is each for each in found):
            return
        found.append(part)
        for name in _PARTS:
            visit(vars(part).get(name))

    if not isinstance(loader, int):
        visit(loader)
    return found
