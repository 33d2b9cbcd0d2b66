"""What the guideline may change between two training runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Mapping, Optional


@dataclass(frozen=True)
class Setting:
    """The setting of one run, as `run.json` states it."""

    #: The learning rate of ONE worker; the schedule's peak is workers times this.
    initial_lr: float
    #: How steep the decay phase is.
    decay_coefficient: float = 3.0
    #: Epochs of warmup.
    warmup_epochs: float = 0.0
    #: Epochs of decay.
    decay_epochs: float = 0.0
    #: `sgd`, `momentum`, `adam` or `lars`.
    optimizer: str = "sgd"
    #: Epochs of the run, as in `run.epochs`; None if an earlier autopilot wrote the run.
    epochs: Optional[int] = None

    @staticmethod
    def from_json(setting: Mapping[str, Any]) -> Setting:
        return Setting(
            initial_lr=setting["initialLr"],
            decay_coefficient=setting["decayCoefficient"],
            warmup_epochs=setting["warmupEpochs"],
            decay_epochs=setting["decayEpochs"],
            optimizer=setting["optimizer"],
            epochs=setting.get("epochs"),
        )
