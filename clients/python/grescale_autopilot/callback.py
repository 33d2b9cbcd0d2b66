"""What the callbacks for training libraries share."""

from __future__ import annotations

import importlib
from typing import Any, Optional, Protocol, Sequence


class ReportsTraining(Protocol):
    """What a callback needs of a `Run`."""

    @property
    def active(self) -> bool: ...

    def lr_at(self, epoch: float) -> float: ...

    def follow(self, optimizer: Any, steps_per_epoch: Optional[int]) -> None: ...

    def stepped(self, rate: float, optimizer: Any) -> None: ...

    def samples(self, count: int) -> None: ...

    def start(self, *, resumed_from_step: Optional[int] = None) -> None: ...

    def heartbeat(self, step: Optional[int] = None) -> None: ...

    def report(
        self, epoch: int, loss: Any = None, lr: Any = None, step: Optional[int] = None, **metrics: Any
    ) -> None: ...

    def should_stop(self) -> bool: ...


def import_first(names: Sequence[str], needed: str) -> Any:
    """The first of the modules that is installed."""
    for name in names:
        try:
            return importlib.import_module(name)
        except ImportError:
            continue
    raise ImportError(needed)
