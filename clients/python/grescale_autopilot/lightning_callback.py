"""A Lightning callback for a run. Lightning is imported only when a script asks for the callback."""

from __future__ import annotations

from typing import Any, Optional

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
            if trainer.optimizers:
                batches = trainer.num_training_batches
                # Infinite for a data set that does not know its length.
                steps = -(-batches // _accumulated(trainer)) if isinstance(batches, int) else None
                run.follow(trainer.optimizers[0], steps)

        def on_train_batch_start(self, trainer: Any, pl_module: Any, batch: Any, batch_idx: int) -> None:
            if run.active:
                # The rate of the step that this batch's gradient goes into.
                first = batch_idx - batch_idx % _accumulated(trainer)
                rate = self._rate = run.lr_at(trainer.current_epoch + first / trainer.num_training_batches)
                for optimizer in trainer.optimizers:
                    for group in optimizer.param_groups:
                        group["lr"] = rate * group.get("lr_scale", 1.0)
            count = _count(batch)
            if count is not None:
                run.samples(count)
            run.heartbeat(trainer.global_step)

        def on_train_epoch_end(self, trainer: Any, pl_module: Any) -> None:
            metrics = {name: value for name, value in trainer.callback_metrics.items()}
            loss = metrics.pop("train_loss", metrics.pop("loss", None))
            run.report(trainer.current_epoch + 1, loss=loss, step=trainer.global_step, **metrics)
            if run.should_stop():
                trainer.should_stop = True

    return AutopilotCallback()


def _accumulated(trainer: Any) -> int:
    """Batches whose gradients are added up for one optimizer step."""
    batches = getattr(trainer, "accumulate_grad_batches", 1)
    return batches if isinstance(batches, int) and batches > 0 else 1


def _count(batch: Any) -> Optional[int]:
    """Samples in a batch: the first dimension of the first tensor in it."""
    if isinstance(batch, dict):
        batch = list(batch.values())
    if isinstance(batch, (list, tuple)):
        return next((count for count in map(_count, batch) if count is not None), None)
    shape = getattr(batch, "shape", None)
    return int(shape[0]) if shape is not None and len(shape) > 0 else None
