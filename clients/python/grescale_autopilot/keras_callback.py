"""A Keras callback for a run. Keras is imported only when a script asks for the callback."""

from __future__ import annotations

from typing import Any, Dict, Optional

from .callback import ReportsTraining, import_first


def make_callback(run: ReportsTraining, steps_per_epoch: int) -> Any:
    keras = import_first(("keras", "tensorflow.keras"), "keras_callback() needs Keras: install keras or tensorflow.")

    class AutopilotCallback(keras.callbacks.Callback):  # type: ignore[misc, name-defined]
        _step = 0

        def on_train_begin(self, logs: Optional[Dict[str, Any]] = None) -> None:
            run.start()

        def on_epoch_begin(self, epoch: int, logs: Optional[Dict[str, Any]] = None) -> None:
            # Counted from the epoch, so that fit(initial_epoch=…) after a restart goes on where it was.
            self._step = epoch * steps_per_epoch

        def on_train_batch_begin(self, batch: int, logs: Optional[Dict[str, Any]] = None) -> None:
            if run.active:
                _set_rate(self.model.optimizer, run.lr_at(self._step / steps_per_epoch))

        def on_train_batch_end(self, batch: int, logs: Optional[Dict[str, Any]] = None) -> None:
            self._step += 1
            run.stepped(_rate(self.model.optimizer), self.model.optimizer)
            run.heartbeat(self._step)

        def on_epoch_end(self, epoch: int, logs: Optional[Dict[str, Any]] = None) -> None:
            values = {name: value for name, value in (logs or {}).items() if name not in ("lr", "learning_rate")}
            run.report(epoch + 1, loss=values.pop("loss", None), **values)
            if run.should_stop():
                self.model.stop_training = True

    return AutopilotCallback()


def _set_rate(optimizer: Any, rate: float) -> None:
    """Keras 3 and tf.keras variables have `assign`; a plain number is replaced."""
    if hasattr(optimizer.learning_rate, "assign"):
        optimizer.learning_rate.assign(rate)
    else:
        optimizer.learning_rate = rate


def _rate(optimizer: Any) -> float:
    rate = optimizer.learning_rate
    return float(rate.numpy() if hasattr(rate, "numpy") else rate)
