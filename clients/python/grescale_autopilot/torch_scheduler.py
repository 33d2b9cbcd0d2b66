"""The run's schedule as a PyTorch LRScheduler. Imported only when a script asks for it."""

from __future__ import annotations

from typing import Any, Callable, Dict, List

from torch.optim import lr_scheduler

from .param_groups import keep_ratios, others_that_set_rates, rates_of, scale_of

# PyTorch before 2.0 has the base class only under its private name.
_Base: Any = getattr(lr_scheduler, "LRScheduler", None) or getattr(lr_scheduler, "_LRScheduler")


class AutopilotLR(_Base):  # type: ignore[misc]
    """Sets the scheduled rate; call `step()` after every optimizer step. `last_epoch` counts steps, as in PyTorch."""

    def __init__(
        self,
        optimizer: Any,
        schedule: Callable[[float], float],
        steps_per_epoch: int,
        warn: Callable[[str], None] = lambda message: None,
    ) -> None:
        if not (isinstance(steps_per_epoch, int) and steps_per_epoch >= 1):
            raise ValueError("steps_per_epoch is %r; give a whole number from 1." % (steps_per_epoch,))
        self.schedule = schedule
        self.steps_per_epoch = steps_per_epoch
        self._warn = warn
        keep_ratios(optimizer)
        super().__init__(optimizer)

    def get_lr(self) -> List[float]:
        rate = self.schedule(self.last_epoch / self.steps_per_epoch)
        return [rate * scale_of(group) for group in self.optimizer.param_groups]

    def step(self, epoch: Any = None) -> None:
        if getattr(self, "_last_lr", None) is not None and rates_of(self.optimizer) != self._last_lr:
            others = others_that_set_rates(self.optimizer, own=lambda each: each is self)
            self._warn(
                "%s changed the learning rate after run.lr_scheduler had set it, so the optimizer steps at another rate "
                "than the schedule's: take its step() out, or use run.epochs." % (" and ".join(others) or "The script")
            )
        super().step(epoch) if epoch is not None else super().step()

    def state_dict(self) -> Dict[str, Any]:
        """Only the step and the steps per epoch: the rate follows from them and the run."""
        return {"last_epoch": self.last_epoch, "steps_per_epoch": self.steps_per_epoch}

    def load_state_dict(self, state_dict: Dict[str, Any]) -> None:
        if state_dict["steps_per_epoch"] != self.steps_per_epoch:
            raise ValueError(
                "The checkpoint was written at %r steps an epoch, this training has %d: use the same data, batch and "
                "number of workers." % (state_dict["steps_per_epoch"], self.steps_per_epoch)
            )
        self.last_epoch = state_dict["last_epoch"]
        self._step_count = self.last_epoch + 1
        for group, rate in zip(self.optimizer.param_groups, self.get_lr()):
            group["lr"] = rate
        self._last_lr = [group["lr"] for group in self.optimizer.param_groups]
