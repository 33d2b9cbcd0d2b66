"""The optimizer of a setting. PyTorch is imported only when a script asks for one."""

from __future__ import annotations

import inspect
from typing import Any, Dict, List, Mapping, Optional

from .setting import Setting

#: The coefficient of `momentum` if the script gives none.
MOMENTUM = 0.9


def make_optimizer(
    setting: Setting, parameters: Any, lr: Optional[float], classes: Mapping[str, Any], options: Mapping[str, Any]
) -> Any:
    """The optimizer that the setting names, at the rate of one worker. `lr` is the script's own rate: parameter groups
    with their own rates keep their ratio to it. Each class gets only the options that it accepts."""
    known = classes_of(classes)
    make = known.get(setting.optimizer)
    if make is None:
        raise ValueError(
            "The setting's optimizer is %s, and this script supports %s: give run.optimizer(…, %s=ITS_CLASS), or leave "
            "it out of the study." % (setting.optimizer, ", ".join(known), setting.optimizer)
        )
    unknown = [name for name in options if not any(_takes(each, name) for each in known.values())]
    if unknown:
        raise TypeError("run.optimizer: none of %s takes %s." % (", ".join(known), ", ".join(unknown)))
    wanted = {name: value for name, value in options.items() if _takes(make, name)}
    if setting.optimizer == "sgd":
        wanted = {name: value for name, value in wanted.items() if name not in ("momentum", "nesterov", "dampening")}
    if setting.optimizer == "momentum":
        wanted.setdefault("momentum", MOMENTUM)
    return make(_with_scales(parameters, setting.initial_lr, lr), lr=setting.initial_lr, **wanted)


def classes_of(given: Mapping[str, Any]) -> Dict[str, Any]:
    """Optimizer classes by the setting's names; the script's own classes replace PyTorch's."""
    from torch import optim

    return {"sgd": optim.SGD, "momentum": optim.SGD, "adam": optim.Adam, **given}


def _takes(make: Any, name: str) -> bool:
    parameters = inspect.signature(make).parameters
    return name in parameters or any(each.kind is each.VAR_KEYWORD for each in parameters.values())


def _with_scales(parameters: Any, initial_lr: float, lr: Optional[float]) -> Any:
    each = list(parameters)
    if not any(isinstance(group, dict) and "lr" in group for group in each):
        return each
    base = lr if lr is not None else next(float(group["lr"]) for group in each if "lr" in group)
    if not base > 0:
        raise ValueError("run.optimizer: lr is %r; give the script's own rate, more than 0." % (base,))
    scaled: List[Dict[str, Any]] = []
    for group in each:
        scale = float(group.get("lr", base)) / base
        scaled.append({**group, "lr": initial_lr * scale, "lr_scale": scale} if scale != 1 else {**group, "lr": initial_lr})
    return scaled
