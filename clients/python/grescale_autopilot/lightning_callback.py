"""A Lightning callback for a run. Lightning is imported only when a script asks for the callback."""

from __future__ import annotations

import inspect
import sys
from typing import Any, Dict, Optional

from .agreement import gather_bytes
from .batches import samples_in
from .callback import import_first
from .param_groups import innermost, keep_ratios, set_rate
from .random_state import random_state, restore_random_state
from .reports_training import ReportsTraining


def make_callback(run: ReportsTraining, noise: bool = True) -> Any:
    lightning = import_first(
        ("lightning.pytorch", "pytorch_lightning"),
        "lightning_callback() needs Lightning: install lightning or pytorch-lightning.",
    )

    class AutopilotCallback(lightning.Callback):  # type: ignore[misc, name-defined]
        _rate: Any = None
        #: The last epoch that ended, counted from 1.
        _ended = 0
        _random: Optional[bytes] = None
        #: Observes the gradients, where that is possible.
        _noise: Any = None

        def on_fit_start(self, trainer: Any, pl_module: Any) -> None:
            # Lightning has started its own ranks by now.
            run.saves_together = True
            found = run.resume_from()
            if found is not None:
                restore(trainer, found.path)

        def on_train_start(self, trainer: Any, pl_module: Any) -> None:
            run.start(resumed_from_step=trainer.global_step or None)
            for optimizer in trainer.optimizers:
                keep_ratios(innermost(optimizer))
            if trainer.optimizers:
                batches = trainer.num_training_batches
                # Infinite for a data set of unknown length.
                steps = -(-batches // _accumulated(trainer)) if isinstance(batches, int) else None
                run.follow(innermost(trainer.optimizers[0]), steps)
            if noise and run.active and run.workers > 1:
                self._noise = _gradient_noise(trainer, pl_module)
            if self._random is not None:
                restore_random_state(self._random)
                self._random = None

        def on_train_epoch_start(self, trainer: Any, pl_module: Any) -> None:
            if self._noise is not None:
                self._noise.begin_epoch()

        def on_train_batch_start(self, trainer: Any, pl_module: Any, batch: Any, batch_idx: int) -> None:
            if run.active:
                # The rate of the step that uses this batch's gradient.
                first = batch_idx - batch_idx % _accumulated(trainer)
                self._rate = run.lr_at(trainer.current_epoch + first / trainer.num_training_batches)
                for optimizer in trainer.optimizers:
                    set_rate(optimizer, self._rate)
            count = samples_in(batch)
            if count is not None:
                run.samples_seen(count)
            if self._noise is not None:
                self._noise.drew(count)
            run.heartbeat(trainer.global_step)

        def on_validation_batch_end(self, trainer: Any, *_: Any, **__: Any) -> None:
            run.progressed()

        def on_train_epoch_end(self, trainer: Any, pl_module: Any) -> None:
            metrics = {name: value for name, value in trainer.callback_metrics.items()}
            loss = metrics.pop("train_loss", metrics.pop("loss", None))
            self._ended = trainer.current_epoch + 1
            if self._noise is not None:
                # On every rank: it sums over the ranks.
                run.measured_noise(self._noise.epoch())
            run.report(self._ended, loss=loss, step=trainer.global_step, **metrics)
            last = self._ended >= run.epochs
            stop = not last and run.should_stop()
            if run.active and (stop or last or self._ended % run.checkpoint_every == 0):
                run.checkpoint(trainer.save_checkpoint, step=trainer.global_step, epoch=self._ended, together=True)
            if stop:
                trainer.should_stop = True

        def on_train_end(self, trainer: Any, pl_module: Any) -> None:
            if trainer.should_stop and not run.over and 0 < self._ended < run.epochs:
                run.stopped_early(self._ended)

        def on_save_checkpoint(self, trainer: Any, pl_module: Any, checkpoint: Dict[str, Any]) -> None:
            if run.active:
                # Lightning calls this on every rank.
                checkpoint["grescale_autopilot"] = {"random": gather_bytes(random_state())}

        def on_load_checkpoint(self, trainer: Any, pl_module: Any, checkpoint: Dict[str, Any]) -> None:
            random = checkpoint.get("grescale_autopilot", {}).get("random", [])
            if trainer.global_rank < len(random):
                self._random = random[trainer.global_rank]

    return AutopilotCallback()


def _gradient_noise(trainer: Any, pl_module: Any) -> Any:
    """None if the script steps manually, has several optimizers or none, or uses a strategy without a model."""
    # The model as the strategy wrapped it: a DistributedDataParallel if it averages with one.
    model = getattr(getattr(trainer, "strategy", None), "model", None)
    torch = sys.modules.get("torch")
    if torch is None or not isinstance(model, torch.nn.Module) or len(trainer.optimizers) != 1:
        return None
    if not getattr(pl_module, "automatic_optimization", True):
        return None
    from .gradient_noise import gradient_noise

    return gradient_noise(model, innermost(trainer.optimizers[0]))


def _accumulated(trainer: Any) -> int:
    """Number of batches whose gradients are accumulated for one optimizer step."""
    batches = getattr(trainer, "accumulate_grad_batches", 1)
    return batches if isinstance(batches, int) and batches > 0 else 1


def restore(trainer: Any, path: str) -> None:
    """Makes Lightning resume from a checkpoint, as `fit(ckpt_path=…)` would."""
    connector = trainer._checkpoint_connector
    load = getattr(connector, "_restore_modules_and_callbacks", None)
    if load is None:
        raise RuntimeError("This version of Lightning cannot resume from within a callback: call trainer.fit(ckpt_path=%r)." % path)
    options = {"weights_only": False} if "weights_only" in inspect.signature(load).parameters else {}
    load(path, **options)
