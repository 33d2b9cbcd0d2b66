"""One run: what to train with, and where to report."""

from __future__ import annotations

import os
import platform
import time
from types import TracebackType
from typing import TYPE_CHECKING, Any, Callable, Dict, List, Mapping, Optional, Sequence, Type

from .agreement import agree_with_rank_0
from .checkpoints import Author, Checkpoint, Save, candidates, keep_newest, read_checkpoint, write_checkpoint
from .events import EventFile
from .heartbeats import Heartbeats
from .measure import Measure
from .numbers import to_wire
from .ranks import process_group, world_size
from .schedules import phase_at, schedule_from
from .setting import Setting

if TYPE_CHECKING:
    from .torch_scheduler import AutopilotLR


class Run:
    """Made by `current()`. Rank 0 reports; every rank may call everything, the others only beat."""

    def __init__(self, directory: Optional[str], spec: Mapping[str, Any], rank: int) -> None:
        #: The run directory; None when the script was started by hand.
        self.directory = directory
        #: `run.json` as it is.
        self.spec = spec
        self._rank = rank
        self.seed: int = spec["seed"]
        self.workers: int = spec["workers"]
        self.batch_per_worker: int = spec["batchPerWorker"]
        self.epochs: int = spec["epochs"]
        #: Write a checkpoint after every so many epochs.
        self.checkpoint_every: int = spec["checkpoints"]["everyEpochs"]
        self.setting = Setting.from_json(spec["setting"])
        self._schedule = schedule_from(spec["schedule"])
        self._steps_per_epoch: Optional[int] = None
        self._events = EventFile(os.path.join(directory, "events.ndjson"), spec["attempt"]) if directory else None
        self._heartbeats = Heartbeats(self._events, lambda: self.rank)
        self._measure = Measure()
        #: The epoch that was reported last.
        self._reported: Optional[int] = None
        self._started = False
        self._ended = False
        self._stopped = False
        self._reported_at = time.monotonic()

    @property
    def rank(self) -> int:
        """This process's rank: torch.distributed's where it is initialized, else the environment's."""
        distributed = process_group()
        return self._rank if distributed is None else int(distributed.get_rank())

    @property
    def active(self) -> bool:
        """Whether autopilot started this training."""
        return self.directory is not None

    def lr_at(self, epoch: float) -> float:
        """The rate at fractional epoch `step / steps_per_epoch`."""
        return self._schedule(epoch)

    def phase_at(self, epoch: float) -> str:
        return phase_at(self.spec["schedule"], epoch)

    def lr_scheduler(self, optimizer: Any, steps_per_epoch: int) -> AutopilotLR:
        """A PyTorch LRScheduler; call its `step()` after every optimizer step. It sets every group's rate, times the
        group's `lr_scale` where it has one."""
        from .torch_scheduler import AutopilotLR

        self._steps_per_epoch = steps_per_epoch
        scheduler = AutopilotLR(optimizer, self._schedule, steps_per_epoch)
        self._measure.watch(optimizer, steps_per_epoch)
        self._measure.follow_schedule(lambda: int(scheduler.last_epoch))
        return scheduler

    def keras_callback(self, steps_per_epoch: int) -> Any:
        """A Keras callback that sets the rate at every batch, reports every epoch and stops when asked to."""
        from .keras_callback import make_callback

        self._steps_per_epoch = steps_per_epoch
        self._measure.tell(stepsPerEpoch=steps_per_epoch)
        return make_callback(self, steps_per_epoch)

    def lightning_callback(self) -> Any:
        """A Lightning callback that sets the rate at every batch, reports every epoch and stops when asked to."""
        from .lightning_callback import make_callback

        return make_callback(self)

    def start(
        self,
        optimizers: Optional[Sequence[str]] = None,
        resumed_from_step: Optional[int] = None,
        environment: Optional[Mapping[str, Any]] = None,
        metrics: Optional[Mapping[str, Mapping[str, Any]]] = None,
    ) -> None:
        """Says that the training begins, and which of `sgd`, `momentum`, `adam`, `lars` the script can use: the
        guideline skips the others. `metrics` says what a metric means that nobody knows by its name:
        `{"my_score": {"direction": "higher", "bounds": [0, None], "unit": "mm", "trivial": 0}}`. From here on the
        process beats by itself."""
        if metrics is not None:
            for name, each in metrics.items():
                if not isinstance(each, Mapping) or each.get("direction", "higher") not in ("higher", "lower"):
                    raise ValueError(
                        'start: metrics[%r] is %r; say which values are better: {"direction": "higher"} or "lower".'
                        % (name, each)
                    )
        if self._started:
            return
        self._started = True
        self._measure.watch_all()
        self._heartbeats.start()
        self._write(
            "started",
            workers=world_size(False),
            capabilities=None if optimizers is None else {"optimizers": list(optimizers)},
            metrics=None if metrics is None else {str(name): dict(each) for name, each in metrics.items()},
            environment={"python": platform.python_version(), "host": platform.node(), **dict(environment or {})},
            resumedFromStep=resumed_from_step,
        )

    def report(self, epoch: int, loss: Any = None, lr: Any = None, step: Optional[int] = None, **metrics: Any) -> None:
        """Reports an epoch that just ended, counted from 1. Metrics are fractions, 0..1: `dice=0.84`."""
        if not (isinstance(epoch, int) and epoch >= 1):
            raise ValueError("epoch is %r; report epochs counted from 1, after they ended." % (epoch,))
        self.start()
        rate = self._measure.rate() if lr is None else lr
        resumed = self._reported is None and self.spec["resumeFrom"] is not None
        measured = self._measure.epoch(one=resumed or epoch == (self._reported or 0) + 1, fresh=not resumed)
        self._reported = epoch
        last = epoch - 1 / self._steps_per_epoch if self._steps_per_epoch else epoch - 1
        if step is None and self._steps_per_epoch:
            step = epoch * self._steps_per_epoch
        now = time.monotonic()
        self._write(
            "epoch",
            epoch=epoch,
            phase=self.phase_at(last),
            lr=None if rate is None else to_wire("lr", rate),
            loss=None if loss is None else to_wire("loss", loss),
            metrics=_metrics(metrics) or None,
            step=step,
            seconds=now - self._reported_at,
            measured=measured or None,
        )
        self._reported_at = now
        self._heartbeats.step = step

    @property
    def parts(self) -> List[str]:
        """Parts of the data to evaluate at the end, those of them that there are: `validation`, and `test` where this
        run is to confirm; `test` where there is none of them."""
        return list((self.spec or {}).get("evaluate") or ["test"])

    def evaluate(
        self,
        split: str = "test",
        classes: Optional[Mapping[str, Mapping[str, Any]]] = None,
        trivial: Optional[Mapping[str, Any]] = None,
        **metrics: Any,
    ) -> None:
        """Reports the final evaluation of one part of the data: the numbers the study decides on. Fractions, 0..1.
        `classes` has the same of each class: `{"tumour": {"dice": 0.61}}`; the background is none of them. `trivial`
        has what a predictor that learned nothing reaches on the same data (an empty mask, the largest class):
        `{"dice": 0.0}`; a baseline that is no better ends the study."""
        if not metrics:
            raise ValueError("evaluate: give at least one metric, for example dice=0.84.")
        if classes is not None and not all(isinstance(each, Mapping) for each in classes.values()):
            raise ValueError('evaluate: classes is %r; give metrics by class: {"tumour": {"dice": 0.61}}.' % (classes,))
        self.start()
        by_class = None if classes is None else {str(name): _metrics(each) for name, each in classes.items()}
        floor = None if trivial is None else _metrics(trivial)
        self._write("evaluation", metrics=_metrics(metrics), split=split, classes=by_class, trivial=floor)

    def measured(
        self,
        workers: Optional[int] = None,
        batch_per_worker: Optional[int] = None,
        steps_per_epoch: Optional[int] = None,
        optimizer: Optional[str] = None,
    ) -> None:
        """What the training is, where the client cannot see it or sees it wrongly: processes that exchange gradients,
        samples of one worker and optimizer step, optimizer steps of an epoch, the optimizer's name."""
        self._measure.tell(
            workers=workers, batchPerWorker=batch_per_worker, stepsPerEpoch=steps_per_epoch, optimizer=optimizer
        )

    def follow(self, optimizer: Any, steps_per_epoch: Optional[int]) -> None:
        """Measures this PyTorch optimizer; `lr_scheduler` and the Lightning callback do it by themselves."""
        self._measure.watch(optimizer, steps_per_epoch)

    def stepped(self, rate: float, optimizer: Any) -> None:
        """An optimizer of another library has made a step at this rate; the Keras callback says so."""
        self._measure.stepped_at([rate], optimizer)

    def samples(self, count: int) -> None:
        """So many samples of this worker go into the next optimizer step: call it with every batch."""
        self._measure.took(count)

    def heartbeat(self, step: Optional[int] = None) -> None:
        """Says that this rank lives and where it is. Cheap: at most one line a second is written."""
        self._heartbeats.beat(step)

    def warn(self, message: str) -> None:
        """A sentence for the study's history."""
        self._write("warning", message=message)

    def should_stop(self, agree: Optional[Callable[[bool], bool]] = None) -> bool:
        """Whether autopilot asks to write a checkpoint and end.

        Every rank must get the same answer, so with torch.distributed this is a collective call: all ranks make it at
        the same place. Under another library give `agree`, which returns rank 0's answer on every rank.
        """
        if self.directory is None:
            return False
        asked = os.path.exists(os.path.join(self.directory, "stop"))
        self._stopped = (agree or agree_with_rank_0)(asked)
        return self._stopped

    def checkpoint(self, save: Save, step: int, epoch: Optional[float] = None) -> Optional[Checkpoint]:
        """Rank 0 writes a checkpoint; `save` gets a path to write to, or is the bytes. The newest few are kept."""
        if self.directory is None or self.rank != 0:
            return None
        folder = os.path.join(self.directory, "checkpoints")
        checkpoint = write_checkpoint(folder, save, step, epoch, Author.of(self.spec))
        relative = os.path.relpath(checkpoint.path, self.directory).replace(os.sep, "/")
        self._write(
            "checkpoint", path=relative, step=step, epoch=epoch, sha256=checkpoint.sha256, bytes=checkpoint.size
        )
        keep_newest(folder, self.spec["checkpoints"]["keep"])
        return checkpoint

    def resume_from(self) -> Optional[Checkpoint]:
        """The checkpoint to go on from, its content verified; an older one where the newest is damaged; or None. One of
        another run, or one that autopilot did not name, is never taken: a file may be left over from anything."""
        if self.directory is None:
            return None
        wanted: Optional[str] = self.spec["resumeFrom"]
        if wanted is not None:
            wanted = os.path.join(self.directory, wanted)
        author = Author.of(self.spec)
        for path in candidates(os.path.join(self.directory, "checkpoints"), wanted, author):
            found = read_checkpoint(path, author.run)
            if isinstance(found, Checkpoint):
                return found
            self.warn("Checkpoint ignored: %s." % found)
        return None

    def diverged(self, reason: str, epoch: Optional[float] = None) -> None:
        """Says that the training diverged (a loss that is not finite, for example); the study counts it as degraded."""
        self._end("diverged", reason=reason, epoch=epoch)

    def failed(self, reason: str) -> None:
        self._end("failed", reason=reason)

    def finish(self, steps: Optional[int] = None) -> None:
        """Says that the training is complete. After a stop request it says nothing: the training goes on later."""
        if self._stopped:
            self._heartbeats.stop()
            return
        self._end("finished", steps=steps)

    def __enter__(self) -> Run:
        return self

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        """`with current() as run:` finishes at the end of the block, or says why it failed."""
        if error is None:
            self.finish()
        elif isinstance(error, Exception):
            self.failed("%s: %s" % (type(error).__name__, error))

    def _end(self, type: str, **fields: Any) -> None:
        if self._ended:
            return
        self.start()
        self._ended = True
        self._heartbeats.stop()
        self._write(type, **fields)

    def _write(self, type: str, **fields: Any) -> None:
        if self._events is not None and self.rank == 0:
            self._events.append(type, **fields)


def _metrics(metrics: Mapping[str, Any]) -> Dict[str, Any]:
    return {name: to_wire(name, value) for name, value in metrics.items()}
