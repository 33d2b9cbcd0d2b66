"""Parameter groups of a PyTorch optimizer: their rates, as multiples of the schedule's."""

from __future__ import annotations

import gc
import sys
from typing import Any, Callable, List


def keep_ratios(optimizer: Any) -> None:
    """If the script gave groups their own rates, stores each one's multiple of the schedule's rate as its `lr_scale`:
    relative to the optimizer's default rate if some group has it, else to the first group's rate."""
    groups = optimizer.param_groups
    rates = [float(group.get("initial_lr", group["lr"])) for group in groups]
    default = optimizer.defaults.get("lr") if hasattr(optimizer, "defaults") else None
    base = float(default) if default is not None and float(default) in rates else rates[0]
    for group, rate in zip(groups, rates):
        if "lr_scale" in group or rate == base:
            continue
        if base == 0:
            raise ValueError(
                "The first parameter group has the rate 0 and others do not, so it is unknown how many times the "
                "schedule's rate each is to have: give every group its \"lr_scale\"."
            )
        group["lr_scale"] = rate / base


def scale_of(group: Any) -> float:
    return float(group.get("lr_scale", 1.0))


def rates_of(optimizer: Any) -> List[float]:
    return [float(group["lr"]) for group in optimizer.param_groups]


def set_rate(optimizer: Any, rate: float) -> List[float]:
    """Sets each group to the schedule's rate times its `lr_scale`; returns the rates set."""
    for group in optimizer.param_groups:
        wanted = rate * scale_of(group)
        # A rate held in a tensor, as for compiled steps, stays the same tensor.
        if hasattr(group["lr"], "fill_"):
            group["lr"].fill_(wanted)
        else:
            group["lr"] = wanted
    return rates_of(optimizer)


def innermost(optimizer: Any) -> Any:
    """The optimizer that makes the steps, inside any wrappers (Accelerate's, Lightning's)."""
    inner = getattr(optimizer, "optimizer", None)
    return innermost(inner) if hasattr(inner, "param_groups") else optimizer


def others_that_set_rates(optimizer: Any, own: Callable[[Any], bool]) -> List[str]:
    """Class names of the PyTorch schedulers that the script itself uses with this optimizer."""
    schedulers: Any = sys.modules.get("torch.optim.lr_scheduler")
    if schedulers is None:
        return []
    kinds = tuple(
        getattr(schedulers, name)
        for name in ("LRScheduler", "_LRScheduler", "ReduceLROnPlateau")
        if hasattr(schedulers, name)
    )
    names = {type(each).__name__ for each in gc.get_objects() if _sets(each, kinds, optimizer) and not own(each)}
    return sorted(names)


def _sets(candidate: Any, kinds: Any, optimizer: Any) -> bool:
    # type(), not isinstance: the latter asks proxies for their class.
    return issubclass(type(candidate), kinds) and innermost(getattr(candidate, "optimizer", None)) is optimizer
