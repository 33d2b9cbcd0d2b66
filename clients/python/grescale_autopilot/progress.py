"""Where in an epoch the next optimizer step is, from the batches that were drawn. Never imports torch."""

from __future__ import annotations

from typing import Any, Dict, Optional


class Progress:
    """Counts batches and steps of the epochs. The fraction is that of the first batch that goes into a step, so it is
    exact with gradients of several batches added up, with a shorter last sum, and with steps that a gradient scaler
    leaves out.

    `batches`: those of an epoch, where they are known; `steps`: optimizer steps of an epoch, where the script says so.
    """

    def __init__(self, batches: Optional[int] = None, steps: Optional[int] = None) -> None:
        self._batches = batches
        self._steps = steps
        #: Batches that go into one step; None before the first.
        self.batches_per_step: Optional[int] = None
        #: Steps that were made, over all epochs.
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
        """The fraction of the epoch, from 0 and less than 1, at which the step that comes now is made."""
        if not self._counted:
            # Nobody sees the batches of this script: each step is taken for one.
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
        """Batches of an epoch, as far as they are known."""
        if self._steps is not None:
            return self._steps * (self.batches_per_step or 1)
        return self._batches

    def is_last(self) -> bool:
        """Whether the batch at hand is the last of the epoch, where anybody knows."""
        return self._batches is not None and self._drawn >= self._batches

    @property
    def asked(self) -> int:
        """Steps that the epoch that just ended should have had: those of its batches where their number is known."""
        if self._steps is not None:
            return self._steps
        if self._batches is None or self.batches_per_step is None:
            return self.attempted
        return self._of(self._batches)

    @property
    def attempted(self) -> int:
        """Steps of this epoch, those that a gradient scaler left out among them."""
        return self.made if self.batches_per_step is None else max(self.made, self._of(self._drawn))

    def _of(self, batches: int) -> int:
        each = self.batches_per_step or 1
        # The last, shorter sum is a step where the script makes it one.
        rest = batches % each != 0 and 0 < self._tail < each
        return batches // each + (1 if rest else 0)

    def end(self, known: bool) -> None:
        """The epoch ended. Not `known`: the next one is taken to be as long."""
        if not known and self._drawn > 0:
            self._batches = self._drawn

    def state(self) -> Dict[str, Any]:
        return {"step": self.step, "batches_per_step": self.batches_per_step, "batches": self._batches}

    def restore(self, state: Dict[str, Any], known: bool) -> None:
        self.step = state["step"]
        self.batches_per_step = state["batches_per_step"]
        if not known:
            self._batches = state["batches"]
