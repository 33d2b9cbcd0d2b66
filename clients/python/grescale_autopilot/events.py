"""Appends to `events.ndjson`: one JSON object per line, one write per line."""

from __future__ import annotations

import json
import os
import time
from typing import Any, Dict


class EventFile:
    """The events of one process. Several processes may append to the same file."""

    def __init__(self, path: str, attempt: int) -> None:
        self._path = path
        self._signature: Dict[str, Any] = {"attempt": attempt}
        #: Autopilot accepts a line only with the secret that it gave to the processes of this attempt.
        secret = os.environ.get("AUTOPILOT_SECRET")
        if secret is not None:
            self._signature["secret"] = secret
        self._started = False

    def append(self, type: str, **fields: Any) -> None:
        """Appends one event; fields that are None are left out."""
        event: Dict[str, Any] = {"type": type, "timeMs": int(time.time() * 1000), **self._signature}
        event.update((name, value) for name, value in fields.items() if value is not None)
        line = (json.dumps(event, allow_nan=False) + "\n").encode("utf-8")
        file = os.open(self._path, os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o644)
        try:
            if not self._started and _is_torn(file):
                line = b"\n" + line
            # One write to a file opened for appending: lines of several processes never interleave.
            written = os.write(file, line)
            if written != len(line):
                raise OSError("%s: only %d of %d bytes were written; is the disk full?" % (self._path, written, len(line)))
            self._started = True
        finally:
            os.close(file)


def _is_torn(file: int) -> bool:
    """Whether an earlier process was killed in the middle of a line."""
    size = os.fstat(file).st_size
    if size == 0:
        return False
    os.lseek(file, size - 1, os.SEEK_SET)
    return os.read(file, 1) != b"\n"
