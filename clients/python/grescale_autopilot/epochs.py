"""`run.epochs`: the number of epochs; called with a model, optimizer and loader, an iterator over them."""

from __future__ import annotations

from typing import Any, Iterator, Optional, Tuple

from .reports_training import ReportsTraining


class Epochs(int):
    """The number of epochs, an int: `range(run.epochs)`. Called, it iterates: `for epoch in run.epochs(...)`."""

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
        """The remaining epochs, counted from 0: `for epoch in run.epochs(model, optimizer, loader):`.

        Sets the rate before every optimizer step; parameter groups keep their ratios to each other. Resumes from the
        run's checkpoint, writes checkpoints, reports epochs that the script does not report and, when autopilot asks,
        writes a checkpoint and ends the process (`SystemExit`). All ranks must call it at the same place.

        `model` is a `torch.nn.Module`. `loader` is what the script takes batches from, or the number of optimizer steps
        per epoch. `also` is anything else with `state_dict()` and `load_state_dict()`: scheduler, gradient scaler,
        sampler, averaged weights. `steps_per_epoch`: optimizer steps per epoch, if the loader does not give them (it
        has no length, or the script leaves it early). `noise`: measure the gradient noise scale with several workers.

        In a script started by hand it is `range(epochs)` and does nothing else.
        """
        if not self._run.active:
            return iter(range(self))
        from .training_loop import TrainingLoop

        return TrainingLoop(self._run, model, optimizer, loader, also, steps_per_epoch, noise).epochs()
