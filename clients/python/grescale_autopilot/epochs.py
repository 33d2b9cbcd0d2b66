"""`run.epochs`: a number, and called with what is trained, the epochs themselves."""

from __future__ import annotations

from typing import Any, Iterator, Optional, Tuple

from .reports_training import ReportsTraining


class Epochs(int):
    """How many epochs to train, an int: `range(run.epochs)`. Called, it trains them: `for epoch in run.epochs(...)`."""

    _run: ReportsTraining

    def __new__(cls, run: ReportsTraining) -> Epochs:
        epochs = super().__new__(cls, run.spec["epochs"])
        epochs._run = run
        return epochs

    def __reduce__(self) -> Tuple[Any, Tuple[int]]:
        return int, (int(self),)

    def __call__(
        self, model: Any, optimizer: Any, loader: Any, *also: Any, steps_per_epoch: Optional[int] = None, noise: bool = True
    ) -> Iterator[int]:
        """The epochs that are left to train, counted from 0: `for epoch in run.epochs(model, optimizer, loader):`.

        Sets the rate before every optimizer step; each parameter group keeps its ratio to the others. Goes on from the
        run's checkpoint, writes checkpoints, reports an epoch that the script does not report, and ends the process
        (`SystemExit`) with a checkpoint when autopilot asks for it. All ranks must call it, at the same place.

        `model` is a `torch.nn.Module`. `loader` is what the script takes batches from, or the optimizer steps of an
        epoch. `also` is whatever else has `state_dict()` and `load_state_dict()`: scheduler, gradient scaler, sampler,
        averaged weights. `steps_per_epoch`: optimizer steps, where the loader does not tell (it does not know its
        length, or the script leaves it early). `noise`: measure the gradient noise scale, where several workers train.

        By hand it is `range(epochs)` and does nothing else.
        """
        if not self._run.active:
            return iter(range(self))
        from .training_loop import TrainingLoop

        return TrainingLoop(self._run, model, optimizer, loader, also, steps_per_epoch, noise).epochs()
