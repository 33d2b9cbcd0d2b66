"""The gradient noise of PyTorch training: McCandlish et al. 2018, appendix A.1. Imported only if PyTorch trains."""

from __future__ import annotations

import struct
import sys
from typing import Any, Dict, List, Optional

import torch

from .agreement import gather_bytes
from .measure import after_each_step
from .ranks import world_size
from .states import is_sharded


class GradientNoise:
    """Observes the gradient of every worker and of every accumulated batch before they are averaged, and then their
    mean. Its hooks only observe: they touch no gradient and no communication hook of DistributedDataParallel, and the
    training stays the same bit for bit. The sums stay on the device until the epoch ends.

    The gradient of b samples has the expected squared norm |G|^2 + tr(S)/b. Both terms follow from the gradients of
    `units` batches of each process (accumulated, or of virtual workers) and their mean over all processes. `merged`:
    the mean is put in place later, as `VirtualWorkers` does, and `average` is called then.
    """

    def __init__(self, optimizer: Any, merged: bool = False) -> None:
        self._processes = world_size(True) or 1
        self._parameters = _trained(optimizer)
        self._merged = merged
        self._samples: Optional[int] = None
        self.begin_epoch()
        for each in self._parameters:
            each.register_hook(lambda gradient, owner=each: self._seen(owner, gradient))
        after_each_step(optimizer, lambda _: self._stepped())

    def begin_epoch(self) -> None:
        self._trace: Any = 0.0
        self._norm: Any = 0.0
        self._steps: Any = 0.0
        self._begin_step()

    def drew(self, samples: Optional[int]) -> None:
        """A batch of this many samples is about to enter the model."""
        self._drawn += 1
        self._samples = samples

    def average(self) -> None:
        """The mean of this step's gradients is in place."""
        self._mean = self._squares([each.grad for each in self._parameters if each.grad is not None])

    def epoch(self) -> Optional[Dict[str, float]]:
        """Means over the steps since the last call and over all processes, all of which must call it. None if no step
        gave an estimate."""
        mine = struct.pack("<3d", *(float(each) for each in (self._trace, self._norm, self._steps)))
        sums = [sum(column) for column in zip(*(struct.unpack("<3d", each) for each in gather_bytes(mine)))]
        self.begin_epoch()
        trace, norm, steps = sums
        return None if steps == 0 else {"trace": trace / steps, "squaredNorm": norm / steps}

    def _begin_step(self) -> None:
        self._backward = False
        self._drawn = 0
        self._units = 0
        self._squared: Any = 0.0
        #: None until the mean is in place.
        self._mean: Any = None

    def _seen(self, owner: Any, gradient: Any) -> None:
        if not self._backward:
            if owner.grad is None and not self._merged and self._units > 0:
                # The earlier gradients were discarded: a gradient scaler found one that is not finite.
                drawn = self._drawn - self._units
                self._begin_step()
                self._drawn = drawn
            self._backward = True
            # DistributedDataParallel averages in such a callback, queued after this one: queue again, to run after it.
            queue = torch.autograd.Variable._execution_engine.queue_callback
            queue(lambda: queue(self._backward_ended))
        self._squared = self._squared + self._squares([gradient])

    def _backward_ended(self) -> None:
        self._backward = False
        self._units += 1
        if not self._merged:
            self.average()

    def _stepped(self) -> None:
        if self._mean is None:
            # The step is held back until there are enough gradients.
            return
        units, batches, samples = self._units, self._processes * self._units, self._samples
        # Two losses of one batch do not make two batches.
        if batches >= 2 and self._drawn == units and samples is not None:
            added = 1 if self._merged else units
            # Gradients carry a scaler's factor until just before the step; virtual workers' mean, made then, does not.
            scale = _loss_scale() ** 2
            each = added * added * self._squared / units / scale
            mean = self._mean if self._merged else self._mean / scale
            norm = (batches * mean - each) / (batches - 1)
            trace = (each - mean) * samples * batches / (batches - 1)
            finite = torch.isfinite(torch.as_tensor(norm)) & torch.isfinite(torch.as_tensor(trace))
            self._trace = self._trace + torch.where(finite, trace, torch.zeros_like(trace))
            self._norm = self._norm + torch.where(finite, norm, torch.zeros_like(norm))
            self._steps = self._steps + finite
        self._begin_step()

    @staticmethod
    def _squares(gradients: List[Any]) -> Any:
        # Half precision would overflow; Apple's GPUs have no double precision.
        return sum(
            torch.linalg.vector_norm(each.detach(), dtype=torch.float32 if each.device.type == "mps" else torch.float64)
            .square()
            .to(gradients[0].device)
            for each in gradients
        )


def _trained(optimizer: Any) -> List[Any]:
    return [each for group in optimizer.param_groups for each in group["params"] if each.requires_grad]


def _loss_scale() -> Any:
    """The scale of the gradient scaler that makes this step, found on the call stack; 1 if there is none."""
    frame = sys._getframe(1)
    for _ in range(16):
        caller = frame.f_back
        if caller is None:
            break
        frame = caller
        scale = getattr(frame.f_locals.get("self"), "_scale", None) if frame.f_code.co_name == "step" else None
        if isinstance(scale, torch.Tensor) and scale.numel() == 1:
            # Not .item(), which would wait for the GPU.
            return scale.double() if scale.device.type != "mps" else scale
    return 1.0


def gradient_noise(model: Any, optimizer: Any, virtual: int = 1) -> Optional[GradientNoise]:
    """None if the mean over the processes cannot be observed: averaging other than DistributedDataParallel's, a model
    that is sharded or on several devices, sparse or complex gradients."""
    sparse = any(getattr(each, "sparse", False) for each in model.modules())
    trained = _trained(optimizer)
    apart = len({each.device for each in trained}) > 1 or any(each.is_complex() for each in trained)
    alone = (world_size(True) or 1) == 1
    averaged = isinstance(model, torch.nn.parallel.DistributedDataParallel)
    if sparse or apart or is_sharded(model) or not (alone or averaged):
        return None
    return GradientNoise(optimizer, virtual > 1)
