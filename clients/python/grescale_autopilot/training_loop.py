"""The epoch loop of a PyTorch training. Imported only when a script calls `run.epochs(…)`."""

from __future__ import annotations

import pickle
from typing import Any, Dict, Iterator, List, Optional, Sequence

import torch

from .agreement import gather_bytes
from .batches import samples_in, tell_batches
from .checkpoints import Checkpoint
from .gradient_noise import gradient_noise
from .loader_state import loader_state, restore_loader
from .measure import before_each_step, optimizer_name
from .numbers import whole
from .param_groups import innermost, keep_ratios, others_that_set_rates, rates_of, set_rate
from .progress import Progress
from .random_state import random_state, restore_random_state
from .ranks import world_size
from .reports_training import ReportsTraining
from .states import load_states, states_of
from .virtual_workers import VirtualWorkers

#: Format version of a checkpoint's content.
FORMAT = 1


class TrainingLoop:
    """One training in one process: its position, and the hooks that follow it."""

    def __init__(
        self,
        run: ReportsTraining,
        model: Any,
        optimizer: Any,
        loader: Any,
        also: Sequence[Any],
        steps_per_epoch: Optional[int],
        noise: bool,
    ) -> None:
        _check(model, optimizer, also)
        self._run = run
        self._model = model
        self._optimizer = innermost(optimizer)
        self._also = list(also)
        self._loader = loader
        here = _workers_here(run.workers, optimizer, loader)
        steps, batches = _length(loader, steps_per_epoch)
        #: Whether the length of an epoch is known before the first one ends.
        self._known = steps is not None or batches is not None
        self._progress = Progress(batches, None if steps is None else max(1, steps // here))
        #: The epoch being trained, counted from 0.
        self.epoch = 0
        #: The rates last set here; if the optimizer has others, something else set them.
        self._set: Optional[List[float]] = None
        keep_ratios(self._optimizer)
        self._see_batches(loader)
        before_each_step(self._optimizer, self._before_step)
        run.follow(self._optimizer, None)
        self._virtual: Optional[VirtualWorkers] = None
        if here > 1:
            # Leftover batches at the end of an epoch make a step, unless the loader drops them.
            drops = steps is not None or bool(getattr(loader, "drop_last", False))
            last = (lambda: False) if drops else self._progress.is_last
            self._virtual = VirtualWorkers(self._optimizer, here, last, self._merged)
            run.stand_for(here)
        self._noise = gradient_noise(model, self._optimizer, here) if noise and run.workers > 1 else None

    def _merged(self) -> None:
        if self._noise is not None:
            self._noise.average()

    def _see_batches(self, loader: Any) -> None:
        def took(batch: Any) -> None:
            self._run.progressed()
            if not torch.is_grad_enabled():
                return
            self._progress.draw()
            count = samples_in(batch)
            if count is not None:
                self._run.samples_seen(count)
            if self._noise is not None:
                self._noise.drew(count)

        if not isinstance(loader, int) and tell_batches(loader, took):
            return
        # The loader cannot report its batches: count those that enter the model.
        network = getattr(self._model, "module", self._model)
        network = network if isinstance(network, torch.nn.Module) else self._model
        _before_each_forward(network, lambda batch: took(batch) if network.training else self._run.progressed())

    def _before_step(self, optimizer: Any) -> None:
        rate = self._run.lr_at(self.epoch + self._progress.before_step())
        if self._set is not None and rates_of(optimizer) != self._set:
            self._set_by_another()
        self._set = set_rate(optimizer, rate)
        self._run.heartbeat(self._progress.step)

    def _set_by_another(self) -> None:
        names = others_that_set_rates(self._optimizer, own=lambda _: False)
        who = " and ".join(names) if names else "The script"
        self._run.warn_once(
            "%s set%s the learning rate between optimizer steps as well; run.epochs sets the schedule's before every step, "
            "so this has no effect." % (who, "" if len(names) > 1 else "s")
        )

    def epochs(self) -> Iterator[int]:
        self._run.begin_loop(self, [optimizer_name(self._optimizer) or "sgd"])
        found = self._run.resume_from()
        first = 0 if found is None else self._restore(found)
        return self._go_through(first)

    def _go_through(self, first: int) -> Iterator[int]:
        run, last = self._run, int(self._run.epochs) - 1
        done = first > last
        try:
            for self.epoch in range(first, last + 1):
                self._progress.begin()
                if self._virtual is not None:
                    self._virtual.begin()
                run.begin_epoch()
                if self._noise is not None:
                    self._noise.begin_epoch()
                yield self.epoch
                self._end_epoch()
                if self.epoch == last:
                    break
                if run.should_stop():
                    self._save()
                    raise SystemExit(0)
                if (self.epoch + 1) % run.checkpoint_every == 0:
                    self._save()
            if not done:
                # Now, because a long evaluation may follow.
                self._save()
            done = True
        finally:
            # If not done, the script left the loop early, unless it was asked to stop.
            run.end_loop(None if done else self.epoch + 1)

    def _end_epoch(self) -> None:
        self._progress.end(self._known)
        left_out = self._progress.attempted - self._progress.made
        if left_out > max(20, self._progress.attempted // 20):
            self._run.warn(
                "Epoch %d: %d of %d optimizer steps were skipped, as a gradient scaler does after an overflow."
                % (self.epoch + 1, left_out, self._progress.attempted)
            )
        # Every rank gets here, but not necessarily to where the script reports.
        self._run.report_unless_reported(None if self._noise is None else self._noise.epoch())

    @property
    def waits_for_noise(self) -> bool:
        return self._noise is not None

    @property
    def step(self) -> int:
        return self._progress.step

    def steps(self) -> Dict[str, int]:
        """Optimizer steps of the epoch that just ended: how many it had, and how many it should have had."""
        return {"steps": self._progress.attempted, "stepsPerEpoch": max(1, self._progress.asked)}

    def _save(self) -> None:
        # On every rank: sharded states are gathered collectively.
        state = states_of(self._model, self._optimizer, self._also)
        random = gather_bytes(pickle.dumps((random_state(), loader_state(self._loader))))
        state.update(
            autopilot=FORMAT,
            epoch=self.epoch + 1,
            progress=self._progress.state(),
            random=random,
            reported=self._run.last_metrics,
        )
        self._run.checkpoint(lambda path: torch.save(state, path), step=self._progress.step, epoch=self.epoch + 1)

    def _restore(self, found: Checkpoint) -> int:
        state = _load(found.path)
        if not isinstance(state, dict) or state.get("autopilot") != FORMAT:
            raise RuntimeError(
                "%s was not written by this version's run.epochs: the script, or the client, changed within a run. Start "
                "the run afresh." % found.path
            )
        load_states(state, self._model, self._optimizer, self._also)
        self._progress.restore(state["progress"], self._known)
        self._run.restore_report(int(state["epoch"]), state["reported"])
        rank, random = self._run.rank, state["random"]
        if rank < len(random):
            generators, loader = pickle.loads(random[rank])
            restore_random_state(generators)
            restore_loader(self._loader, loader)
        return int(state["epoch"])


def _check(model: Any, optimizer: Any, also: Sequence[Any]) -> None:
    if not isinstance(model, torch.nn.Module):
        raise TypeError(
            "run.epochs(model, optimizer, loader): model is %r; give a torch.nn.Module (several: torch.nn.ModuleList)."
            % (type(model).__name__,)
        )
    if not hasattr(innermost(optimizer), "param_groups"):
        raise TypeError(
            "run.epochs(model, optimizer, loader): optimizer is %r; give one PyTorch optimizer."
            % (type(optimizer).__name__,)
        )
    for each in also:
        if not (hasattr(each, "state_dict") and hasattr(each, "load_state_dict")):
            raise TypeError("run.epochs: %r has no state_dict() and load_state_dict(), so it cannot be restored." % (each,))


def _workers_here(workers: int, optimizer: Any, loader: Any) -> int:
    """How many of the run's workers this process stands for: more than one if there are fewer processes."""
    processes = world_size(True)
    if processes is None or processes >= workers or workers % processes != 0:
        return 1
    replicas = getattr(getattr(loader, "sampler", None), "num_replicas", processes)
    if replicas != processes:
        raise ValueError(
            "The sampler shares the data among %r, and %d processes train %d workers: give it num_replicas=%d, or start "
            "as many processes as workers." % (replicas, processes, workers, processes)
        )
    if getattr(optimizer, "scaler", None) is not None:
        raise ValueError(
            "%d processes cannot train %d workers with this optimizer, which scales gradients itself: start as many "
            "processes as workers." % (processes, workers)
        )
    return workers // processes


def _length(loader: Any, steps_per_epoch: Optional[int]) -> Any:
    """Optimizer steps per epoch and batches per epoch: whichever is known, and None for the other."""
    steps = loader if isinstance(loader, int) and steps_per_epoch is None else steps_per_epoch
    if steps is not None:
        return whole("run.epochs: steps_per_epoch", steps, 1, "give a whole number from 1."), None
    try:
        batches = len(loader)
    except TypeError:
        # A data set of unknown length.
        return None, None
    if batches == 0:
        raise ValueError("run.epochs: the loader has no batch.")
    return None, batches


def _before_each_forward(network: Any, took: Any) -> None:
    def hook(_: Any, inputs: Any, named: Any = None) -> None:
        took([inputs, named or {}])

    try:
        network.register_forward_pre_hook(hook, with_kwargs=True)
    except TypeError:
        # PyTorch before 2.0 passes only positional arguments to the hook.
        network.register_forward_pre_hook(hook)


def _load(path: str) -> Any:
    try:
        return torch.load(path, map_location="cpu", weights_only=False)
    except TypeError:
        return torch.load(path, map_location="cpu")
