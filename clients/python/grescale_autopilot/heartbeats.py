"""Beats of one rank: a thread says that the process lives, whatever the training is busy with."""

from __future__ import annotations

import atexit
import json
import os
import platform
import threading
import time
from multiprocessing.util import Finalize
from typing import Callable, Optional

from .events import EventFile
from .stacks import dump_stacks_when_asked

#: Seconds between two beats of the thread.
EVERY_SECONDS = 5.0
#: Seconds between two lines at least, however often a script calls `heartbeat()`.
SHORTEST_SECONDS = 1.0


class Heartbeats:
    """Rank 0 beats in `events.ndjson`. Every rank also has a file of its own, `rank-N.json` in `folder`, from its first
    step on: several hosts that append to one file lose lines."""

    def __init__(self, events: Optional[EventFile], folder: Optional[str], rank: Callable[[], Optional[int]]) -> None:
        self._events = events
        self._folder = folder
        self._rank = rank
        self._last = -SHORTEST_SECONDS
        self._stopping = threading.Event()
        self._thread: Optional[threading.Thread] = None
        #: Guards the file: the thread writes it, and the process that ends.
        self._writing = threading.Lock()
        self._beat = 0
        #: The last step that was named or made.
        self.step: Optional[int] = None
        #: Counts whatever shows that the training goes on: steps, and batches of an evaluation.
        self.progress = 0
        #: Whether every step is seen: progress that stays 0 says then that none was made.
        self.sees_steps = False

    def start(self) -> None:
        if self._events is None or self._thread is not None or self._stopping.is_set():
            return
        dump_stacks_when_asked(self._folder)
        atexit.register(self.stop)
        # A process that multiprocessing started ends without the above.
        Finalize(None, self.stop, exitpriority=0)
        self._say()
        self._thread = threading.Thread(target=self._go_on, name="autopilot-heartbeat", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        if self._stopping.is_set():
            return
        self._stopping.set()
        self._note("done")

    def beat(self, step: Optional[int]) -> None:
        if step is not None:
            self.step = step
        self.went_on()
        self._say()

    def _say(self) -> None:
        now = time.monotonic()
        if self._events is None or now - self._last < SHORTEST_SECONDS:
            return
        self._last = now
        if self._rank() == 0:
            progress = self.progress if self.progress > 0 or self.sees_steps else None
            self._events.append("heartbeat", rank=0, step=self.step, progress=progress)

    def went_on(self) -> None:
        """Something was done: a step of the optimizer, a batch. The first is noted at once: a process that is stopped right
        after it would not be missed otherwise."""
        self.progress += 1
        if self.progress == 1 and self._thread is not None:
            self._note("working")

    def _go_on(self) -> None:
        self._note("working")
        while not self._stopping.wait(EVERY_SECONDS):
            try:
                self._say()
            except OSError:
                # A full disk may have room again: the thread goes on.
                continue
            self._note("working")

    def _note(self, phase: str) -> None:
        rank = self._rank()
        if self._folder is None or self.progress == 0 or rank is None:
            return
        with self._writing:
            if phase != "done" and self._stopping.is_set():
                return
            self._beat += 1
            note = {"rank": rank, "host": platform.node(), "pid": os.getpid(), "beat": self._beat, "phase": phase}
            path = os.path.join(self._folder, "rank-%d.json" % rank)
            try:
                os.makedirs(self._folder, exist_ok=True)
                with open(path + ".tmp", "w", encoding="utf-8") as file:
                    json.dump({**note, "step": self.step or self.progress, "progress": self.progress}, file)
                os.replace(path + ".tmp", path)
            except OSError:
                # A beat that is lost is nothing; a full disk is told by what must be written.
                pass
