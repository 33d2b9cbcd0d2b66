"""What the callbacks for training libraries share."""

from __future__ import annotations

import importlib
from typing import Any, Optional, Protocol, Sequence

from .checkpoints import Checkpoint, Save


class ReportsTraining(Protocol):
    """What a callback needs of a `Run`."""

    saves_together: bool

    @property
    def active(self) -> bool: ...

    @property
    def over(self) -> bool: ...

    @property
    def epochs(self) -> int: ...

    @property
    def checkpoint_every(self) -> int: ...

    def lr_at(self, epoch: float) -> float: ...

    def follow(self, optimizer: Any, steps_per_epoch: Optional[int]) -> None: ...

    def stepped(self, rate: float, optimizer: Any) -> None: ...

    def samples_seen(self, count: int) -> None: ...

    def start(self, *, resumed_from_step: Optional[int] = None) -> None: ...

    def heartbeat(self, step: Optional[int] = None) -> None: ...

    def progressed(self) -> None: ...

    def report(
        self, epoch: int, loss: Any = None, lr: Any = None, step: Optional[int] = None, **metrics: Any
    ) -> None: ...

    def should_stop(self) -> bool: ...

    def stopped_early(self, epoch: int) -> None: ...

    def resume_from(self) -> Optional[Checkpoint]: ...

    def checkpoint(
        self, save: Save, step: int, epoch: Optional[float] = None, together: Optional[bool] = None
    ) -> Optional[Checkpoint]: ...


def import_first(names: Sequence[str], needed: str) -> Any:
    """The first of the modules that is installed."""
    for name in names:
        try:
            return importlib.import_module(name)
        except ImportError:
            continue
    raise ImportError(needed)
