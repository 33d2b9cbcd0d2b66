"""What the training actually did, as opposed to what it was asked to do: autopilot compares the two."""

from __future__ import annotations

import functools
import sys
import types
from collections import Counter
from typing import Any, Callable, Dict, List, Mapping, Optional

from .ranks import world_size

#: Parts of class names that identify autopilot's optimizers, most specific first. Other classes keep their own name.
_NAMES = ("lars", "adam", "sgd")


class Measure:
    """Follows the optimizer of one process with a hook after each of its steps. Never imports torch."""

    def __init__(self) -> None:
        self._watched: Any = None
        self._followed: List[int] = []
        self._everywhere = False
        self._scheduled: Callable[[], Optional[int]] = lambda: None
        self._told: Dict[str, Any] = {}
        self._optimizer: Any = None
        self._samples = 0
        self._samples_told = False
        #: Called at every step.
        self.on_step: Callable[[], None] = lambda: None
        #: Number of workers that this process stands for: it adds up their gradients for one step.
        self.workers_here = 1
        self.begin_epoch()

    def watch(self, optimizer: Any, steps_per_epoch: Optional[int] = None) -> None:
        """Counts only the steps of this optimizer."""
        self._watched = optimizer
        if steps_per_epoch is not None:
            self._told["stepsPerEpoch"] = steps_per_epoch
        if not self.watch_all() and id(optimizer) not in self._followed:
            self._followed.append(id(optimizer))
            after_each_step(optimizer, self.stepped)

    def watch_all(self) -> bool:
        """Counts the steps of all optimizers, which needs PyTorch 2.0 or newer. Returns whether it does."""
        module = sys.modules.get("torch.optim.optimizer")
        register = getattr(module, "register_optimizer_step_post_hook", None)
        if register is None or self._followed:
            return False
        if not self._everywhere:
            self._everywhere = True
            register(lambda optimizer, *_: self.stepped(optimizer))
        return True

    def follow_schedule(self, steps_done: Callable[[], Optional[int]]) -> None:
        """Uses the scheduler's own count: it, like the plan, includes steps that a gradient scaler skips."""
        self._scheduled = steps_done

    def tell(self, **told: Any) -> None:
        """Records what the script states about itself, in place of what is measured here."""
        self._told.update((name, value) for name, value in told.items() if value is not None)

    def took(self, samples: int, seen: bool = False) -> None:
        """Records samples that go into the gradient of the next step. Those merely `seen` on their way to the script
        are ignored once the script reports its own."""
        if not seen and not self._samples_told:
            self._samples_told = True
            self._samples = 0
        if seen and self._samples_told:
            return
        self._samples += samples

    def stepped(self, optimizer: Any) -> None:
        """Called after a step of an optimizer."""
        if self._watched is not None and optimizer is not self._watched:
            return
        self.stepped_at([float(group["lr"]) for group in optimizer.param_groups], optimizer)

    def stepped_at(self, rates: List[float], optimizer: Any = None) -> None:
        """Called after a step at these rates, one for each parameter group."""
        self._mixed = self._mixed or (self._optimizer is not None and self._optimizer is not optimizer)
        self._optimizer = optimizer
        self._began = self._scheduled() if self._steps == 0 else self._began
        self._steps += 1
        self.on_step()
        while len(self._rates) < len(rates):
            self._rates.append([rates[len(self._rates)]] * 3)
        for known, rate in zip(self._rates, rates):
            known[:] = [min(known[0], rate), max(known[1], rate), rate]
        if self._samples:
            self._batches[max(1, round(self._samples / self.workers_here))] += 1
            self._samples = 0

    def epoch(self, one: bool, fresh: bool, steps: Optional[int] = None) -> Dict[str, Any]:
        """What was measured since the last call. `one`: whether that is a single epoch. `fresh`: whether this process
        trained it from its start; a scheduler's count, if there is one, decides instead. `steps`: the number of steps
        including those that a gradient scaler skipped, if known."""
        measured: Dict[str, Any] = {}
        size = world_size(self._steps > 0)
        if size is not None:
            measured["workers"] = size * self.workers_here
            if self.workers_here > 1:
                # Only for virtual workers: a process that drives several GPUs stands for several workers at full speed.
                measured["processes"] = size
        if self._steps > 0 and not self._mixed:
            scales = _scales(self._optimizer)
            began, steps_per_epoch = self._began, self._told.get("stepsPerEpoch")
            if one and (fresh if began is None or steps_per_epoch is None else began % steps_per_epoch == 0):
                rates = [
                    {"min": low, "max": high, **({} if scale is None else {"scale": scale})}
                    for (low, high, _), scale in zip(self._rates, scales + [None] * len(self._rates))
                ]
                # The first one shows the schedule's rate, so groups with a rate of 0 come last.
                measured["lr"] = sorted(rates, key=lambda rate: rate["max"] == 0)
                scheduled = 0 if began is None else (self._scheduled() or 0) - began
                measured["steps"] = max(self._steps, scheduled) if steps is None else steps
                if measured["steps"] > self._steps:
                    measured["leftOut"] = measured["steps"] - self._steps
            name = optimizer_name(self._optimizer)
            if name is not None:
                measured["optimizer"] = name
            if self._batches:
                measured["batchPerWorker"] = self._batches.most_common(1)[0][0]
        measured.update(self._told)
        self.begin_epoch()
        return measured

    def rate(self) -> Optional[float]:
        """The schedule's rate at the last step: the first group's rate without its scale."""
        if self._steps == 0 or self._mixed:
            return None
        scale = (_scales(self._optimizer) or [None])[0]
        return self._rates[0][2] / (1.0 if scale is None else scale)

    def begin_epoch(self) -> None:
        """Forgets the steps of an epoch that is over."""
        self._steps = 0
        self._began: Optional[int] = None
        self._mixed = False
        self._rates: List[List[float]] = []
        self._batches: Counter[int] = Counter()
        self._optimizer = None


def _scales(optimizer: Any) -> List[Optional[float]]:
    groups: List[Mapping[str, Any]] = getattr(optimizer, "param_groups", [])
    return [float(group["lr_scale"]) if group.get("lr_scale") else None for group in groups]


def optimizer_name(optimizer: Any) -> Optional[str]:
    """`sgd`, `momentum`, `adam` or `lars`, or the class's own name; for a wrapper, the name of what it wraps."""
    if optimizer is None:
        return None
    for inner in ("optim", "optimizer", "_optimizer"):
        wrapped = getattr(optimizer, inner, None)
        if wrapped is not None and hasattr(wrapped, "param_groups"):
            return optimizer_name(wrapped)
    name = type(optimizer).__name__
    kinds = [base.__name__.lower() for base in type(optimizer).__mro__]
    found = next((known for known in _NAMES if any(known in kind and kind != "asgd" for kind in kinds)), None)
    groups = getattr(optimizer, "param_groups", [{"momentum": getattr(optimizer, "momentum", 0)}])
    if found == "sgd" and any(group.get("momentum") for group in groups):
        return "momentum"
    return name if found is None else found


def before_each_step(optimizer: Any, steps: Callable[[Any], None]) -> None:
    """Calls `steps` before each step that is actually made."""
    register = getattr(optimizer, "register_step_pre_hook", None)
    if register is not None:
        register(lambda one, *_: steps(one))
    else:
        _around_each_step(optimizer, before=steps)


def after_each_step(optimizer: Any, stepped: Callable[[Any], None]) -> None:
    register = getattr(optimizer, "register_step_post_hook", None)
    if register is not None:
        register(lambda one, *_: stepped(one))
    else:
        _around_each_step(optimizer, after=stepped)


def _nothing(_: Any) -> None:
    return None


def _around_each_step(
    optimizer: Any, before: Callable[[Any], None] = _nothing, after: Callable[[Any], None] = _nothing
) -> None:
    """PyTorch before 2.0 has no such hooks: `step` is replaced, as its own schedulers do."""
    original = optimizer.step

    # The copied attributes tell PyTorch's schedulers that they have wrapped it already.
    @functools.wraps(original)
    def step(self: Any, *args: Any, **kwargs: Any) -> Any:
        before(self)
        result = original(*args, **kwargs)
        after(self)
        return result

    optimizer.step = types.MethodType(step, optimizer)
