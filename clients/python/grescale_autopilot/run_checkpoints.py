"""The checkpoints of one run."""

from __future__ import annotations

import os
from typing import Any, Mapping, Optional

from .checkpoints import (
    Author,
    Checkpoint,
    Save,
    candidates,
    keep_newest,
    read_checkpoint,
    temporary_path,
    write_checkpoint,
)
from .reporter import Reporter


class RunCheckpoints:
    def __init__(self, directory: str, spec: Mapping[str, Any], reporter: Reporter) -> None:
        self._directory = directory
        self._folder = os.path.join(directory, "checkpoints")
        self._spec = spec
        self._reporter = reporter

    def write(self, save: Save, step: int, epoch: Optional[float], together: bool, suffix: str) -> Optional[Checkpoint]:
        """`together`: every rank calls `save` with the same path. Otherwise only rank 0 does."""
        if self._reporter.own_rank.known():
            if together and callable(save):
                os.makedirs(self._folder, exist_ok=True)
                save(temporary_path(self._folder, step, suffix))
            return None
        checkpoint = write_checkpoint(self._folder, save, step, epoch, Author.of(self._spec), suffix, together)
        relative = os.path.relpath(checkpoint.path, self._directory).replace(os.sep, "/")
        self._reporter.write(
            "checkpoint", path=relative, step=step, epoch=epoch, sha256=checkpoint.sha256, bytes=checkpoint.size
        )
        keep_newest(self._folder, self._spec["checkpoints"]["keep"])
        return checkpoint

    def newest(self) -> Optional[Checkpoint]:
        """The checkpoint to resume from."""
        wanted: Optional[str] = self._spec["resumeFrom"]
        if wanted is not None:
            wanted = os.path.join(self._directory, wanted)
        author = Author.of(self._spec)
        for path in candidates(self._folder, wanted, author):
            found = read_checkpoint(path, author.run)
            if isinstance(found, Checkpoint):
                return found
            self._reporter.write("warning", message="Checkpoint ignored: %s." % found)
        return None
