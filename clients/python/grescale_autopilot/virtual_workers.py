"""Several workers in one process: each step averages the gradients of that many batches, as the workers would.
Imported only if a run has more workers than processes."""

from __future__ import annotations

import functools
import sys
import types
from typing import Any, Callable, Dict, List

import torch


class VirtualWorkers:
    """Holds the optimizer back until `each` batches have given a gradient; then steps with their mean.

    The next batch makes up for one whose step a gradient scaler skips. `torch.nn.utils.clip_grad_norm_` and
    `clip_grad_value_` act on the mean, as they would with real workers. `last` returns whether the current batch is the
    epoch's last one, where fewer batches suffice. `merged` is called when the mean is in place.
    """

    def __init__(self, optimizer: Any, each: int, last: Callable[[], bool], merged: Callable[[], None]) -> None:
        self._optimizer = optimizer
        self._each = each
        self._last = last
        self._tell_merged = merged
        self.begin()
        original = optimizer.step

        @functools.wraps(original)
        def step(one: Any, closure: Any = None, *args: Any, **kwargs: Any) -> Any:
            if closure is not None:
                raise ValueError(
                    "An optimizer that is given a closure decides for itself when to step: start as many processes as the run has workers."
                )
            return original(*args, **kwargs) if self._complete() else None

        optimizer.step = types.MethodType(step, optimizer)
        _replace("clip_grad_norm_", self._clip_norm)
        _replace("clip_grad_value_", self._clip_value)

    def begin(self) -> None:
        """Starts afresh: gradients that made no step are dropped."""
        self._sums: Dict[Any, Any] = {}
        self._count = 0
        self._merged = False

    def _complete(self) -> bool:
        """Adds the batch's gradient. Returns whether there are enough for a step; if so, their mean is in place."""
        if not self._merged:
            self._add()
            if not self._enough(self._count):
                return False
            self._merge()
        self.begin()
        return True

    def _enough(self, count: int) -> bool:
        return count >= self._each or self._last()

    def _add(self) -> None:
        self._count += 1
        for each in self._parameters():
            if each.grad is None:
                continue
            if each in self._sums:
                self._sums[each].add_(each.grad)
            else:
                self._sums[each] = each.grad.detach().clone()
            each.grad = None

    def _merge(self) -> None:
        for each in self._parameters():
            if each in self._sums:
                each.grad = self._sums[each].div_(self._count)
        self._merged = True
        self._tell_merged()

    def _parameters(self) -> List[Any]:
        return [each for group in self._optimizer.param_groups for each in group["params"]]

    def _ready_to_clip(self) -> bool:
        """Called before a batch's gradients are clipped: replaces them by the mean if it is the step's last batch."""
        if self._merged:
            # The step that should have followed was skipped.
            self.begin()
        if not self._enough(self._count + 1):
            return False
        self._add()
        self._merge()
        return True

    def _clip_norm(self, original: Any, parameters: Any, max_norm: float, *args: Any, **kwargs: Any) -> Any:
        each = [parameters] if isinstance(parameters, torch.Tensor) else list(parameters)
        own = self._owns(each)
        return original(each, max_norm if not own or self._ready_to_clip() else float("inf"), *args, **kwargs)

    def _clip_value(self, original: Any, parameters: Any, *args: Any, **kwargs: Any) -> Any:
        each = [parameters] if isinstance(parameters, torch.Tensor) else list(parameters)
        if not self._owns(each) or self._ready_to_clip():
            original(each, *args, **kwargs)

    def _owns(self, parameters: List[Any]) -> bool:
        own = {id(each) for each in self._parameters()}
        return any(id(each) in own for each in parameters)


def _replace(name: str, clip: Callable[..., Any]) -> None:
    """Replaces the function in every module that has it under its name: scripts import it before they train."""
    original = getattr(torch.nn.utils, name)

    @functools.wraps(original)
    def replacement(*args: Any, **kwargs: Any) -> Any:
        return clip(original, *args, **kwargs)

    for module in list(sys.modules.values()):
        if getattr(module, "__dict__", {}).get(name) is original:
            setattr(module, name, replacement)
