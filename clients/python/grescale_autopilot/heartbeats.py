"""Heartbeats of one rank: a thread reports that the process is alive, whatever the training is doing."""

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

#: Seconds between the thread's heartbeats.
EVERY_SECONDS = 5.0
#: Minimum seconds between two lines, however often a script calls `heartbeat()`.
SHORTEST_SECONDS = 1.0


class Heartbeats:
    """Rank 0 writes heartbeats to `events.ndjson`. From its first step on, every rank also writes its own file,
    `rank-N.json` in `folder`, because several hosts that append to one file lose lines."""

    def __init__(self, events: Optional[EventFile], folder: Optional[str], rank: Callable[[], Optional[int]]) -> None:
        self._events = events
        self._folder = folder
        self._rank = rank
        self._last = -SHORTEST_SECONDS
        self._stopping = threading.Event()
        self._thread: Optional[threading.Thread] = None
        #: Guards the file, which is written by the thread and when the process ends.
        self._writing = threading.Lock()
        self._beat = 0
        #: The last step reported.
        self.step: Optional[int] = None
        #: Counts every sign of progress: steps, and batches of an evaluation.
        self.progress = 0
        #: Whether every step is observed: only then does a progress of 0 mean that none was made.
        self.sees_steps = False

    def start(self) -> None:
        if self._events is None or self._thread is not None or self._stopping.is_set():
            return
        dump_stacks_when_asked(self._folder)
        atexit.register(self.stop)
        # A process that multiprocessing started ends without calling atexit's functions.
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
        """Records progress: an optimizer step or a batch. The first is written at once: otherwise a process that stops
        right after it would go unnoticed."""
        self.progress += 1
        if self.progress == 1 and self._thread is not None:
            self._note("working")

    def _go_on(self) -> None:
        self._note("working")
        while not self._stopping.wait(EVERY_SECONDS):
            try:
                self._say()
            except OSError:
                # A full disk may have room again later: keep the thread running.
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
                # A lost heartbeat is harmless; writes that must succeed report a full disk.
                pass
