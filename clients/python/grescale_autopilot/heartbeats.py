"""Beats of one rank: a thread says that the process lives, whatever the training is busy with."""

from __future__ import annotations

import threading
import time
from typing import Callable, Optional

from .events import EventFile

#: Seconds between two beats of the thread.
EVERY_SECONDS = 5.0
#: Seconds between two lines at least, however often a script calls `heartbeat()`.
SHORTEST_SECONDS = 1.0


class Heartbeats:
    def __init__(self, events: Optional[EventFile], rank: Callable[[], int]) -> None:
        self._events = events
        self._rank = rank
        self._last = -SHORTEST_SECONDS
        self._stopping = threading.Event()
        self._thread: Optional[threading.Thread] = None
        #: The last step that was named.
        self.step: Optional[int] = None

    def start(self) -> None:
        if self._events is None or self._thread is not None:
            return
        self.beat(None)
        self._thread = threading.Thread(target=self._go_on, name="autopilot-heartbeat", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()

    def beat(self, step: Optional[int]) -> None:
        if step is not None:
            self.step = step
        now = time.monotonic()
        if self._events is None or now - self._last < SHORTEST_SECONDS:
            return
        self._last = now
        self._events.append("heartbeat", rank=self._rank(), step=self.step)

    def _go_on(self) -> None:
        while not self._stopping.wait(EVERY_SECONDS):
            self.beat(None)
