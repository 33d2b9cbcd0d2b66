"""The position of the next optimizer step in its epoch, from the batches drawn so far. Never imports torch."""

from __future__ import annotations

from typing import Any, Dict, Optional


class Progress:
    """Counts the batches and steps of each epoch. A step's position is that of the first batch that goes into it, so it
    is exact with gradient accumulation, with a shorter last accumulation, and with steps that a gradient scaler skips.

    `batches`: batches per epoch, if known; `steps`: optimizer steps per epoch, if the script gives them.
    """

    def __init__(self, batches: Optional[int] = None, steps: Optional[int] = None) -> None:
        self._batches = batches
        self._steps = steps
        #: Batches that go into one step; None before the first.
        self.batches_per_step: Optional[int] = None
        #: Steps made so far, over all epochs.
        self.step = 0
        self._counted = False
        self.begin()

    def begin(self) -> None:
        """An epoch begins."""
        self._drawn = 0
        self._drawn_before = 0
        self.made = 0
        self._tail = 0

    def draw(self) -> None:
        """A batch was drawn."""
        self._counted = True
        self._drawn += 1

    def before_step(self) -> float:
        """Counts the step about to be made; returns its fraction of the epoch, from 0 to below 1."""
        if not self._counted:
            # This script's batches are not observed: each step counts as one.
            self._drawn += 1
        gap = self._drawn - self._drawn_before
        whole = self.length
        if gap > 0:
            if self.batches_per_step is None or (gap < self.batches_per_step and (whole is None or self._drawn < whole)):
                self.batches_per_step = gap
                whole = self.length
            self._tail = min(gap, self.batches_per_step)
        self._drawn_before = self._drawn
        self.made += 1
        self.step += 1
        if whole is None:
            return 0.0
        return min(self._drawn - self._tail, whole - 1) / whole

    @property
    def length(self) -> Optional[int]:
        """Batches per epoch, if known."""
        if self._steps is not None:
            return self._steps * (self.batches_per_step or 1)
        return self._batches

    def is_last(self) -> bool:
        """Whether the current batch is known to be the last of the epoch."""
        return self._batches is not None and self._drawn >= self._batches

    @property
    def asked(self) -> int:
        """Steps that the epoch that just ended should have had: as given, else by its batches, else as attempted."""
        if self._steps is not None:
            return self._steps
        if self._batches is None or self.batches_per_step is None:
            return self.attempted
        return self._of(self._batches)

    @property
    def attempted(self) -> int:
        """Steps of this epoch, including those that a gradient scaler skipped."""
        return self.made if self.batches_per_step is None else max(self.made, self._of(self._drawn))

    def _of(self, batches: int) -> int:
        each = self.batches_per_step or 1
        # A shorter last accumulation is a step only if the script makes one of it.
        rest = batches % each != 0 and 0 < self._tail < each
        return batches // each + (1 if rest else 0)

    def end(self, known: bool) -> None:
        """The epoch ended. Unless its length was `known`, the next one is assumed to be as long."""
        if not known and self._drawn > 0:
            self._batches = self._drawn

    def state(self) -> Dict[str, Any]:
        return {"step": self.step, "batches_per_step": self.batches_per_step, "batches": self._batches}

    def restore(self, state: Dict[str, Any], known: bool) -> None:
        self.step = state["step"]
        self.batches_per_step = state["batches_per_step"]
        if not known:
            self._batches = state["batches"]
