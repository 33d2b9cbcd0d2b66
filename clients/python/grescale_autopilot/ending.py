"""How a run ends: evaluations not made yet, a script that stops early, a process that simply exits."""

from __future__ import annotations

import atexit
import sys
from typing import Any, Mapping, Optional, Set

from .ranks import is_child
from .reports_training import ReportsTraining


class Ending:
    def __init__(self, run: ReportsTraining) -> None:
        self._run = run
        self._evaluated: Set[str] = set()
        #: Metrics of the evaluation for which the script named no part.
        self._nameless: Optional[Mapping[str, Any]] = None
        self._looped = False
        self._watching = False
        #: The last epoch trained, if the script itself stopped before the final one.
        self.stopped_after: Optional[int] = None

    def evaluated(self, split: Optional[str], metrics: Mapping[str, Any]) -> None:
        if split is None:
            self._nameless = metrics
        self._evaluated.add("validation" if split in ("val", "valid") else split or "test")

    def evaluate_the_rest(self) -> None:
        """If the script did not evaluate the part that it reports after every epoch, the last epoch's metrics are its
        evaluation. An evaluation without a part that has the same numbers counts as one of that part."""
        part, metrics = self._run.parts[0], self._run.last_metrics
        last = self._run.epochs if self.stopped_after is None else self.stopped_after
        if part in self._evaluated or self._run.reported != last or not metrics:
            return
        if part == "test" and self._evaluated:
            return
        nameless = self._nameless or {}
        both = [name for name in metrics if name in nameless]
        if both and all(nameless[name] == metrics[name] for name in both):
            return
        self._run.evaluate(part, **metrics)

    def end_loop(self, stopped_after: Optional[int]) -> None:
        self._looped = stopped_after is None or stopped_after > 0
        if not self._run.over:
            self.stopped_after = stopped_after or None

    def exits(self, code: Any) -> None:
        """Handles `sys.exit` within `with current() as run:`."""
        reported = self._run.reported
        if code not in (None, 0) or reported is None:
            return
        if self.stopped_after is None and reported < self._run.epochs:
            self.stopped_after = reported
        self._run.finish()

    def watch(self) -> None:
        """Without `with`, the run finishes when the process ends, unless an exception ends it."""
        if self._watching:
            return
        self._watching = True
        if is_child():
            from multiprocessing import util

            # atexit does not run in a forked process; a finalizer does, while an exception is still visible.
            util.Finalize(None, self._at_exit, exitpriority=100)
        else:
            atexit.register(self._at_exit)

    def _at_exit(self) -> None:
        if self._looped and not self._run.over and not _fails():
            self._run.finish()


def _fails() -> bool:
    """Whether an exception ends this process: Python has already printed it or, under multiprocessing, will do so."""
    error = sys.exc_info()[1]
    leaves = isinstance(error, SystemExit) and error.code in (None, 0)
    return getattr(sys, "last_value", None) is not None or (error is not None and not leaves)
