"""One run: what to train with, and where to report."""

from __future__ import annotations

import os
import platform
import time
from dataclasses import replace
from types import TracebackType
from typing import TYPE_CHECKING, Any, Callable, Dict, List, Mapping, Optional, Sequence, Type

from .agreement import agree_with_rank_0
from .checkpoints import Checkpoint, Save
from .ending import Ending
from .epochs import Epochs
from .measure import Measure
from .numbers import classes_to_wire, metrics_to_wire, to_wire, whole, whole_or_none
from .own_rank import OwnRank
from .ranks import trains_otherwise, world_size
from .reporter import Reporter
from .reports_training import Loop
from .run_checkpoints import RunCheckpoints
from .schedules import phase_at, schedule_from
from .setting import Setting

if TYPE_CHECKING:
    from .torch_scheduler import AutopilotLR

#: The optimizers that a setting may name.
OPTIMIZERS = ("sgd", "momentum", "adam", "lars")


class Run:
    """Made by `current()`. Every rank may call everything: rank 0 reports, the others only send heartbeats. May be
    pickled: a process that unpickles it takes part in the same run."""

    def __init__(self, directory: Optional[str], spec: Mapping[str, Any], own_rank: OwnRank) -> None:
        #: The run directory; None when the script was started by hand.
        self.directory = directory
        #: The content of `run.json`.
        self.spec = spec
        self._own_rank = own_rank
        self.seed: int = spec["seed"]
        self.workers: int = spec["workers"]
        self.batch_per_worker: int = spec["batchPerWorker"]
        #: The number of epochs; called with model, optimizer and loader, an iterator over them.
        self.epochs = Epochs(self)
        #: Number of epochs between checkpoints.
        self.checkpoint_every: int = spec["checkpoints"]["everyEpochs"]
        self.setting = Setting.from_json(spec["setting"])
        self._schedule = schedule_from(spec["schedule"])
        self._steps_per_epoch: Optional[int] = None
        self._reporter = Reporter(directory, spec, own_rank)
        self._heartbeats = self._reporter.heartbeats
        self._checkpoints = None if directory is None else RunCheckpoints(directory, spec, self._reporter)
        self._measure = Measure()
        self._measure.on_step = self._heartbeats.went_on
        #: The last epoch reported; `last_metrics` are its metrics.
        self._reported: Optional[int] = None
        #: The gradient noise of the epoch to be reported next, if a callback measures it.
        self._noise: Optional[Dict[str, float]] = None
        self.last_metrics: Dict[str, Any] = {}
        self._loop: Optional[Loop] = None
        self._ending = Ending(self)
        self._optimizers: Optional[List[str]] = None
        #: Whether all ranks must take part in writing a checkpoint.
        self.saves_together = False
        self._started = False
        self._ended = False
        self._stopped = False
        self._reported_at = time.monotonic()

    def __getstate__(self) -> Dict[str, Any]:
        return {"directory": self.directory, "spec": self.spec, "own_rank": self._own_rank.for_another()}

    def __setstate__(self, state: Dict[str, Any]) -> None:
        self.__init__(state["directory"], state["spec"], state["own_rank"])  # type: ignore[misc]

    @property
    def rank(self) -> int:
        """This process's rank: torch.distributed's if it is initialized, else the one given to `current(rank=)`, else
        the launcher's."""
        return self._own_rank.known() or 0

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
        """A PyTorch LRScheduler; call its `step()` after every optimizer step. It sets every group to the schedule's
        rate, times the group's `lr_scale` if it has one."""
        from .torch_scheduler import AutopilotLR

        self._steps_per_epoch = steps_per_epoch
        scheduler = AutopilotLR(optimizer, self._schedule, steps_per_epoch, self.warn_once)
        self._measure.watch(optimizer, steps_per_epoch)
        self._measure.follow_schedule(lambda: int(scheduler.last_epoch))
        self._heartbeats.start()
        return scheduler

    def optimizer(self, parameters: Any, lr: Optional[float] = None, **options: Any) -> Any:
        """The setting's optimizer as a PyTorch optimizer, at the rate of one worker. `options` are the script's
        optimizer options (`weight_decay=…`); each class gets only those that it accepts. Pass a class of your own under
        the setting's name: `adam=torch.optim.AdamW`, `lars=MyLars`. Rates of parameter groups are relative to `lr`."""
        from .optimizers import classes_of, make_optimizer

        classes = {name: each for name, each in options.items() if name in OPTIMIZERS and callable(each)}
        rest = {name: each for name, each in options.items() if name not in classes}
        self._optimizers = list(classes_of(classes))
        setting = self.setting
        if not self.active and setting.optimizer == "sgd" and rest.get("momentum"):
            setting = replace(setting, optimizer="momentum")
        return make_optimizer(setting, parameters, lr, classes, rest)

    def keras_callback(self, steps_per_epoch: int) -> Any:
        """A Keras callback that sets the rate at every batch, reports every epoch and stops when asked to."""
        from .keras_callback import make_callback

        self._steps_per_epoch = steps_per_epoch
        self._measure.tell(stepsPerEpoch=steps_per_epoch)
        self._heartbeats.start()
        return make_callback(self, steps_per_epoch)

    def lightning_callback(self, noise: bool = True) -> Any:
        """A Lightning callback that sets the rate at every batch, reports every epoch and stops when asked to. `noise`:
        measure the gradient noise scale if several workers train with one optimizer."""
        from .lightning_callback import make_callback

        return make_callback(self, noise)

    def start(
        self,
        optimizers: Optional[Sequence[str]] = None,
        resumed_from_step: Optional[int] = None,
        environment: Optional[Mapping[str, Any]] = None,
        metrics: Optional[Mapping[str, Mapping[str, Any]]] = None,
    ) -> None:
        """Reports that the training begins, and which of `sgd`, `momentum`, `adam`, `lars` the script can use: the
        guideline skips the others. `metrics` describes metrics that autopilot does not know by name:
        `{"my_score": {"direction": "higher", "bounds": [0, None], "unit": "mm", "trivial": 0}}`. From here on the
        process sends heartbeats by itself."""
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
        optimizers = self._optimizers if optimizers is None else optimizers
        self._heartbeats.sees_steps = self._measure.watch_all() and not trains_otherwise()
        self._heartbeats.start()
        size = world_size(False)
        # If there are fewer processes, each may later turn out to stand for several workers.
        whole_share = size is not None and size < self.workers and self.workers % size == 0
        self._reporter.write(
            "started",
            workers=None if whole_share else size,
            capabilities=None if optimizers is None else {"optimizers": list(optimizers)},
            metrics=None if metrics is None else {str(name): dict(each) for name, each in metrics.items()},
            environment={"python": platform.python_version(), "host": platform.node(), **dict(environment or {})},
            resumedFromStep=resumed_from_step,
        )

    def report(
        self,
        epoch: Optional[int] = None,
        loss: Any = None,
        lr: Any = None,
        step: Optional[int] = None,
        classes: Optional[Mapping[str, Mapping[str, Any]]] = None,
        **metrics: Any,
    ) -> None:
        """Reports an epoch that just ended, counted from 1; by default the one that `run.epochs` is in, or the one
        after the last reported. Metrics are fractions, 0..1: `dice=0.84`; one that is None was not measured in this
        epoch. `classes` has the same metrics for each class, as in `evaluate`."""
        loop = self._loop
        trained = (self._reported or 0) + 1 if loop is None else loop.epoch + 1
        number = whole("epoch", trained if epoch is None else epoch, 1, "report epochs counted from 1, after they ended.")
        if loop is not None and number != trained:
            raise ValueError("epoch is %d; run.epochs is in epoch %d, counted from 1: leave it out." % (number, trained))
        step = whole_or_none("step", step, 0, "it is the optimizer steps made so far. Give a metric of that name another.")
        by_class = classes_to_wire("report", classes)
        self.start()
        rate = self._measure.rate() if lr is None else lr
        if loop is not None:
            steps = loop.steps()
            measured = {**self._measure.epoch(one=True, fresh=True, steps=steps["steps"]), **steps}
            step, per_epoch = loop.step, steps["stepsPerEpoch"]
        else:
            resumed = self._reported is None and self.spec["resumeFrom"] is not None
            measured = self._measure.epoch(one=resumed or number == trained, fresh=not resumed)
            per_epoch = self._steps_per_epoch or 0
            step = number * per_epoch if step is None and per_epoch else step
        noise, self._noise = self._noise, None
        if noise is not None:
            measured = {**measured, "gradientNoise": noise}
        self._reported = number
        self.last_metrics = metrics_to_wire(metrics)
        now = time.monotonic()
        say = self._reporter.write if loop is None or not loop.waits_for_noise else self._reporter.hold
        say(
            "epoch",
            epoch=number,
            phase=self.phase_at(number - 1 / per_epoch if per_epoch else number - 1),
            lr=None if rate is None else to_wire("lr", rate),
            loss=None if loss is None else to_wire("loss", loss),
            metrics=self.last_metrics or None,
            classes=by_class,
            step=step,
            seconds=now - self._reported_at,
            measured=measured or None,
        )
        self._reported_at = now
        self._heartbeats.step = step

    @property
    def parts(self) -> List[str]:
        """Parts of the data to evaluate at the end, if the script has them: `validation`, and also `test` if this run
        confirms a result; `test` alone if `run.json` names none."""
        return list((self.spec or {}).get("evaluate") or ["test"])

    def evaluate(
        self,
        split: Optional[str] = None,
        classes: Optional[Mapping[str, Mapping[str, Any]]] = None,
        trivial: Optional[Mapping[str, Any]] = None,
        **metrics: Any,
    ) -> None:
        """Reports the final evaluation of one part of the data (`test` if none is named): the metrics that the study
        decides on, as fractions, 0..1. `classes` has the same metrics for each class, without the background:
        `{"tumour": {"dice": 0.61}}`. `trivial` has the metrics that a predictor that learned nothing reaches on the
        same data (an empty mask, the largest class): `{"dice": 0.0}`; a baseline that is no better ends the study."""
        if not metrics:
            raise ValueError("evaluate: give at least one metric, for example dice=0.84.")
        by_class = classes_to_wire("evaluate", classes)
        if self._stopped:
            return
        self.start()
        numbers = {name: to_wire(name, value) for name, value in metrics.items()}
        self._ending.evaluated(split, numbers)
        floor = None if trivial is None else metrics_to_wire(trivial)
        self._reporter.write("evaluation", metrics=numbers, split=split or "test", classes=by_class, trivial=floor)

    def measured(
        self,
        workers: Optional[int] = None,
        batch_per_worker: Optional[int] = None,
        steps_per_epoch: Optional[int] = None,
        optimizer: Optional[str] = None,
    ) -> None:
        """States what the client cannot observe, or observes wrongly: the number of processes that exchange gradients,
        samples per worker and optimizer step, optimizer steps per epoch, the optimizer's name."""
        self._measure.tell(
            workers=workers, batchPerWorker=batch_per_worker, stepsPerEpoch=steps_per_epoch, optimizer=optimizer
        )

    def follow(self, optimizer: Any, steps_per_epoch: Optional[int]) -> None:
        """Measures this PyTorch optimizer; `run.epochs`, `lr_scheduler` and the Lightning callback do so themselves."""
        self._measure.watch(optimizer, steps_per_epoch)
        self._heartbeats.start()

    def stepped(self, rate: float, optimizer: Any) -> None:
        """Records a step at this rate by another library's optimizer; the Keras callback calls it."""
        self._measure.stepped_at([rate], optimizer)

    def samples(self, count: int) -> None:
        """Counts this worker's samples that go into the next optimizer step: call it with every batch. `run.epochs`
        itself counts the samples that come out of a loader."""
        self._measure.took(count)

    def samples_seen(self, count: int) -> None:
        self._measure.took(count, seen=True)

    def heartbeat(self, step: Optional[int] = None) -> None:
        """Reports that this rank is alive, and its step. Cheap: at most one line per second is written."""
        self._heartbeats.beat(whole_or_none("step", step, 0, "give the optimizer steps made so far."))

    def progressed(self) -> None:
        """Records progress other than a step: a batch of an evaluation."""
        self._heartbeats.went_on()

    def warn(self, message: str) -> None:
        """Adds a sentence to the study's history."""
        self._reporter.write("warning", message=message)

    def warn_once(self, message: str) -> None:
        self._reporter.warn_once(message)

    def should_stop(self, agree: Optional[Callable[[bool], bool]] = None) -> bool:
        """Whether autopilot asks the run to write a checkpoint and end.

        Every rank must get the same answer, so with torch.distributed this is a collective call: all ranks must make it
        at the same place. With another library, give `agree`, which returns rank 0's answer on every rank.
        """
        if self.directory is None:
            return False
        asked = os.path.exists(os.path.join(self.directory, "stop"))
        self._stopped = (agree or agree_with_rank_0)(asked)
        return self._stopped

    def checkpoint(
        self, save: Save, step: int, epoch: Optional[float] = None, together: Optional[bool] = None, suffix: str = ""
    ) -> Optional[Checkpoint]:
        """Writes a checkpoint on rank 0; `save` is a function that gets the path to write to (a file or a folder), or
        the bytes. The newest few are kept. `together`: every rank calls `save` with the same path, for collective
        functions such as Lightning's `save_checkpoint` and torch.distributed.checkpoint; by default only with the
        Lightning callback. `suffix`: the required ending of the name, for example `.keras`."""
        if self._checkpoints is None:
            return None
        step = whole("step", step, 0, "give the optimizer steps made so far.")
        return self._checkpoints.write(save, step, epoch, self.saves_together if together is None else together, suffix)

    def resume_from(self) -> Optional[Checkpoint]:
        """The checkpoint to resume from, its content verified; an older one if the newest is damaged; or None.
        Leftovers are never used: checkpoints of another run, or of an earlier attempt if autopilot names none."""
        return None if self._checkpoints is None else self._checkpoints.newest()

    def diverged(self, reason: str, epoch: Optional[float] = None) -> None:
        """Reports that the training diverged, for example at a loss of NaN; the study counts it as degraded."""
        self._end("diverged", reason=reason, epoch=epoch)

    def failed(self, reason: str) -> None:
        self._end("failed", reason=reason)

    def finish(self, steps: Optional[int] = None) -> None:
        """Reports that the training is complete. After a stop request it reports nothing: the training continues later.
        If the part reported after every epoch was not evaluated, the last epoch's metrics are its evaluation."""
        if self._stopped:
            self._heartbeats.stop()
            return
        if not self._ended:
            self._ending.evaluate_the_rest()
        self._end("finished", steps=steps, stoppedAfter=self._ending.stopped_after)

    def stopped_early(self, epoch: int) -> None:
        """States that the script itself ends the training after this epoch, counted from 1, and before the last one:
        the run is finished with what it reported."""
        self._ending.stopped_after = whole("epoch", epoch, 1, "give the last epoch that was trained, counted from 1.")

    def __enter__(self) -> Run:
        return self

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        """Finishes the run at the end of `with current() as run:`, or reports why it failed."""
        if error is None:
            self.finish()
        elif isinstance(error, SystemExit):
            self._ending.exits(error.code)
        elif isinstance(error, Exception):
            self.failed("%s: %s" % (type(error).__name__, error))

    def begin_loop(self, loop: Loop, names: Sequence[str]) -> None:
        """`run.epochs` begins to iterate, with an optimizer of one of these names."""
        if self._loop is not None:
            raise RuntimeError("run.epochs goes through the epochs once; a second training is a second run.")
        self._loop = loop
        self._heartbeats.start()
        # Getting this far is progress.
        self._heartbeats.went_on()
        self.start(optimizers=self._optimizers or names)
        self._ending.watch()

    def end_loop(self, stopped_after: Optional[int]) -> None:
        """`stopped_after`: the epoch in which the script left the loop; None if it completed the loop."""
        self._loop = None
        self._reporter.let_go()
        self._ending.end_loop(None if stopped_after is None else (self._reported or 0))

    def begin_epoch(self) -> None:
        self._measure.begin_epoch()

    def measured_noise(self, noise: Optional[Dict[str, float]]) -> None:
        self._noise = noise

    def report_unless_reported(self, noise: Optional[Dict[str, float]] = None) -> None:
        if self._loop is not None and self._reported != self._loop.epoch + 1:
            self.report()
        self._reporter.let_go(noise)

    def restore_report(self, epoch: int, metrics: Dict[str, Any]) -> None:
        """Restores what an earlier attempt reported for the epoch after which this one resumes."""
        self._reported, self.last_metrics = epoch, metrics

    def stand_for(self, workers: int) -> None:
        """This process adds up the gradients of this many workers."""
        self._measure.workers_here = workers
        self.warn(
            "%d workers are trained by fewer processes: each adds up the gradients of %d batches for a step, as %d workers "
            "would average them. The run's duration says nothing about training on that many workers."
            % (self.workers, workers, workers)
        )

    @property
    def reported(self) -> Optional[int]:
        """The last epoch reported, counted from 1."""
        return self._reported

    @property
    def over(self) -> bool:
        """Whether there is nothing more to report: the run ended, or was asked to stop."""
        return self._ended or self._stopped

    def _end(self, type: str, **fields: Any) -> None:
        if self._ended:
            return
        self.start()
        self._ended = True
        self._heartbeats.stop()
        self._reporter.write(type, **fields)
