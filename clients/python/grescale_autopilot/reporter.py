"""What one process writes into the run directory: events, if it is rank 0, and its heartbeats."""

from __future__ import annotations

import os
import time
from typing import Any, Dict, Mapping, Optional, Set

from .events import EventFile
from .heartbeats import Heartbeats
from .own_rank import OwnRank
from .ranks import loads_data


class Reporter:
    """Writes nothing without a run directory."""

    def __init__(self, directory: Optional[str], spec: Mapping[str, Any], own_rank: OwnRank) -> None:
        self.own_rank = own_rank
        self._events = EventFile(os.path.join(directory, "events.ndjson"), spec["attempt"]) if directory else None
        attempt = os.environ.get("AUTOPILOT_ATTEMPT", str(spec["attempt"]))
        beats = os.path.join(directory, "heartbeats", attempt) if directory else None
        self.heartbeats = Heartbeats(self._events, beats, own_rank.known)
        #: The "started" event, until it is known whether this is rank 0.
        self._pending: Optional[Dict[str, Any]] = None
        #: The reported epoch, until all of it is measured; any other event is written after it.
        self._held: Optional[Dict[str, Any]] = None
        self._warned: Set[str] = set()

    def write(self, type: str, **fields: Any) -> None:
        if self._events is None or (type != "warning" and loads_data()):
            return
        rank = self.own_rank.known()
        if type == "started" and rank is None:
            self._pending = {**fields, "timeMs": int(time.time() * 1000)}
            return
        if rank:
            return
        self.let_go()
        if self._pending is not None:
            self._events.append("started", **self._pending)
            self._pending = None
        self._events.append(type, **fields)

    def hold(self, type: str, **fields: Any) -> None:
        """Like `write`, but waits for `let_go`."""
        self.let_go()
        self._held = {"type": type, "timeMs": int(time.time() * 1000), **fields}

    def let_go(self, noise: Optional[Dict[str, float]] = None) -> None:
        """Writes the held event, with the epoch's gradient noise if it is known."""
        held, self._held = self._held, None
        if held is None:
            return
        if noise is not None:
            held["measured"] = {**(held["measured"] or {}), "gradientNoise": noise}
        self.write(held.pop("type"), **held)

    def warn_once(self, message: str) -> None:
        if message not in self._warned:
            self._warned.add(message)
            self.write("warning", message=message)
