"""A Keras callback for a run. Keras is imported only when a script asks for the callback."""

from __future__ import annotations

import os
from typing import Any, Dict, Optional

from .callback import import_first
from .checkpoints import Checkpoint
from .random_state import random_state, restore_random_state
from .reports_training import ReportsTraining


def make_callback(run: ReportsTraining, steps_per_epoch: int) -> Any:
    keras = import_first(("keras", "tensorflow.keras"), "keras_callback() needs Keras: install keras or tensorflow.")

    class AutopilotCallback(keras.callbacks.Callback):  # type: ignore[misc, name-defined]
        _step = 0
        #: The last epoch that ended, counted from 1.
        _ended = 0

        def on_train_begin(self, logs: Optional[Dict[str, Any]] = None) -> None:
            found = run.resume_from()
            if found is not None:
                self._ended = _restore(self.model, found)
            run.start(resumed_from_step=None if found is None else found.step)

        def on_epoch_begin(self, epoch: int, logs: Optional[Dict[str, Any]] = None) -> None:
            # Derived from the epoch, so that after a restart fit(initial_epoch=…) continues at the right step.
            self._step = epoch * steps_per_epoch

        def on_train_batch_begin(self, batch: int, logs: Optional[Dict[str, Any]] = None) -> None:
            if run.active:
                _set_rate(self.model.optimizer, run.lr_at(self._step / steps_per_epoch))

        def on_train_batch_end(self, batch: int, logs: Optional[Dict[str, Any]] = None) -> None:
            self._step += 1
            run.stepped(_rate(self.model.optimizer), self.model.optimizer)
            run.heartbeat(self._step)

        def on_test_batch_end(self, batch: int, logs: Optional[Dict[str, Any]] = None) -> None:
            run.progressed()

        def on_epoch_end(self, epoch: int, logs: Optional[Dict[str, Any]] = None) -> None:
            values = {name: value for name, value in (logs or {}).items() if name not in ("lr", "learning_rate")}
            self._ended = epoch + 1
            run.report(self._ended, loss=values.pop("loss", None), **values)
            last = self._ended >= run.epochs
            stop = not last and run.should_stop()
            if run.active and (stop or last or self._ended % run.checkpoint_every == 0):
                run.checkpoint(lambda path: _save(self.model, path), step=self._step, epoch=self._ended)
            if stop:
                self.model.stop_training = True

        def on_train_end(self, logs: Optional[Dict[str, Any]] = None) -> None:
            if self.model.stop_training and not run.over and 0 < self._ended < run.epochs:
                run.stopped_early(self._ended)

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


def _save(model: Any, path: str) -> None:
    """Writes a folder: Keras's weights with the optimizer's, under the ending it requires, and the random states."""
    os.makedirs(path)
    model.save_weights(os.path.join(path, "model.weights.h5"))
    with open(os.path.join(path, "random.pickle"), "wb") as file:
        file.write(random_state())


def _restore(model: Any, found: Checkpoint) -> int:
    """Restores the checkpoint if possible; returns the number of epochs already trained."""
    if not os.path.isdir(found.path) or not hasattr(model, "_initial_epoch"):
        # Keras 2, or a script that writes its own checkpoints.
        return 0
    if not model.optimizer.built:
        model.optimizer.build(model.trainable_variables)
    model.load_weights(os.path.join(found.path, "model.weights.h5"))
    with open(os.path.join(found.path, "random.pickle"), "rb") as file:
        restore_random_state(file.read())
    # As Keras's own BackupAndRestore does.
    model._initial_epoch = int(found.epoch or 0)
    return int(found.epoch or 0)
