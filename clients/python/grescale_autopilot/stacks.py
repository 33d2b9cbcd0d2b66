"""Writes what each thread of this process is doing when autopilot asks, to show where a training hangs."""

from __future__ import annotations

import faulthandler
import os
import platform
import signal
from typing import Any, List, Optional

#: Kept open for as long as the process lives.
_files: List[Any] = []


def dump_stacks_when_asked(folder: Optional[str]) -> None:
    """On SIGRTMIN + 5, which nothing else uses, into this process's own file in the attempt's `heartbeats` folder."""
    first: Optional[int] = getattr(signal, "SIGRTMIN", None)
    if folder is None or first is None or _files or not hasattr(faulthandler, "register"):
        return
    try:
        os.makedirs(folder, exist_ok=True)
        path = os.path.join(folder, "%s-%d.stack" % (platform.node(), os.getpid()))
        file = open(path, "w", encoding="utf-8")  # noqa: SIM115
        # The file's presence shows that this process listens for the signal.
        faulthandler.register(first + 5, file=file, all_threads=True)
        _files.append(file)
    except (OSError, ValueError, RuntimeError):
        # The stacks are only a debugging aid.
        pass
