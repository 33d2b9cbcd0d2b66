"""A script's own arguments: the values that autopilot decides are read from them, or written into them."""

from __future__ import annotations

from typing import Any, Dict, Iterable, Optional

#: The names that scripts use for each value; the first one present is used.
NAMES = {
    "epochs": ("epochs", "num_epochs", "max_epochs", "n_epochs", "num_train_epochs"),
    "lr": ("lr", "learning_rate", "initial_lr", "base_lr"),
    "batch": ("batch_per_worker", "batch_size", "batch", "bs", "per_device_train_batch_size", "train_batch_size"),
    "seed": ("seed", "random_seed", "manual_seed"),
    "optimizer": ("optimizer", "optim", "opt"),
}


class Arguments:
    """The result of `argparse.parse_args()`, or a dict."""

    def __init__(self, given: Any) -> None:
        self._values: Dict[str, Any]
        if isinstance(given, dict):
            self._values = given
        elif hasattr(given, "__dict__"):
            self._values = vars(given)
        else:
            raise TypeError(
                "current: epochs is %r; give the number of epochs, or the script's arguments as argparse gives them."
                % (given,)
            )

    def read_into(self, spec: Dict[str, Any]) -> None:
        """Fills the spec, which otherwise comes from `run.json`, with the arguments of a script started by hand."""
        epochs = self._name("epochs")
        if epochs is None:
            raise ValueError(
                "current: the arguments contain none of %s; pass the number of epochs instead." % ", ".join(NAMES["epochs"])
            )
        number = int(self._values[epochs])
        spec["epochs"] = spec["schedule"]["epochs"] = spec["checkpoints"]["everyEpochs"] = number
        lr, batch, seed, optimizer = (self._name(each) for each in ("lr", "batch", "seed", "optimizer"))
        if _is_number(self._value(lr)):
            spec["setting"]["initialLr"] = spec["schedule"]["initialLr"] = float(self._value(lr))
        if _is_number(self._value(batch)):
            spec["batchPerWorker"] = int(self._value(batch))
        if _is_number(self._value(seed)):
            spec["seed"] = int(self._value(seed))
        if self._value(optimizer) in ("sgd", "momentum", "adam", "lars"):
            spec["setting"]["optimizer"] = self._value(optimizer)

    def write_from(self, spec: Dict[str, Any]) -> None:
        """Overwrites the script's arguments with the values from `run.json`."""
        self._write("epochs", spec["epochs"])
        self._write("lr", spec["setting"]["initialLr"])
        self._write("batch", spec["batchPerWorker"])
        self._write("seed", spec["seed"])

    def _write(self, what: str, value: Any) -> None:
        name = self._name(what)
        if name is not None:
            self._values[name] = value

    def _name(self, what: str) -> Optional[str]:
        names: Iterable[str] = NAMES[what]
        return next((name for name in names if name in self._values), None)

    def _value(self, name: Optional[str]) -> Any:
        return None if name is None else self._values[name]


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
