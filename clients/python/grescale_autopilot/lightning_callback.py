"""A Lightning callback for a run. Lightning is imported only when a script asks for the callback."""

from __future__ import annotations

from typing import Any

from .callback import ReportsTraining, import_first


def make_callback(run: ReportsTraining) -> Any:
    lightning = import_first(
        ("lightning.pytorch", "pytorch_lightning"),
        "lightning_callback() needs Lightning: install lightning or pytorch-lightning.",
    )

    class AutopilotCallback(lightning.Callback):  # type: ignore[misc, name-defined]
        _rate: Any = None

        def on_train_start(self, trainer: Any, pl_module: Any) -> None:
            run.start(resumed_from_step=trainer.global_step or None)

        def on_train_batch_start(self, trainer: Any, pl_module: Any, batch: Any, batch_idx: int) -> None:
            if run.active:
                rate = self._rate = run.lr_at(trainer.current_epoch + batch_idx / trainer.num_training_batches)
                for optimizer in trainer.optimizers:
                    for group in optimizer.param_groups:
                        group["lr"] = rate * group.get("lr_scale", 1.0)
            run.heartbeat(trainer.global_step)

        def on_train_epoch_end(self, trainer: Any, pl_module: Any) -> None:
            metrics = {name: value for name, value in trainer.callback_metrics.items()}
            loss = metrics.pop("train_loss", metrics.pop("loss", None))
            run.report(trainer.current_epoch + 1, loss=loss, lr=self._rate, step=trainer.global_step, **metrics)
            if run.should_stop():
                trainer.should_stop = True

    return AutopilotCallback()
