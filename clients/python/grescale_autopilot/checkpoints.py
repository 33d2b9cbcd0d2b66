"""Checkpoints that survive a kill at any moment: written elsewhere, flushed, hashed, renamed; the last few are kept."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from dataclasses import dataclass
from typing import Any, Callable, Dict, List, Mapping, Optional, Union

#: A function that writes a checkpoint to a path, for example `lambda path: torch.save(state, path)`; or the bytes.
Save = Union[Callable[[str], Any], bytes]


@dataclass(frozen=True)
class Checkpoint:
    """A checkpoint, a file or a folder, whose content is known to be what was written."""

    path: str
    step: int
    epoch: Optional[float]
    attempt: int
    sha256: str
    size: int

    def __fspath__(self) -> str:
        return self.path


@dataclass(frozen=True)
class Author:
    """Identifies the process that writes checkpoints or looks for them."""

    #: The run's unique id; empty if unknown.
    run: str
    attempt: int
    #: The same in all processes of one attempt and in no other: a hash, so that the file reveals no secret.
    launch: str

    @staticmethod
    def of(spec: Mapping[str, Any]) -> Author:
        """This process as an author, from `run.json` and the environment."""
        run, attempt = str(spec.get("runId", "")), int(spec["attempt"])
        secret = os.environ.get("AUTOPILOT_SECRET", "")
        launch = hashlib.sha256(("%s %d %s" % (run, attempt, secret)).encode("utf-8")).hexdigest()
        return Author(run, attempt, launch)


#: The file name endings that Keras accepts.
_KERAS_SUFFIXES = (".keras", ".weights.h5")


def temporary_path(folder: str, step: int, suffix: str) -> str:
    """Where a checkpoint is written before it is renamed; the same on every rank."""
    return os.path.join(folder, "step-%09d.tmp%s" % (step, suffix))


def write_checkpoint(
    folder: str,
    save: Save,
    step: int,
    epoch: Optional[float],
    author: Author,
    suffix: str = "",
    together: bool = False,
) -> Checkpoint:
    """Writes `step-N.checkpoint`, followed by the suffix: a file or a folder. Then writes `step-N.json` with its hash
    and size. Each is either complete or absent."""
    os.makedirs(folder, exist_ok=True)
    temporary = temporary_path(folder, step, suffix)
    if not together:
        # A leftover of a killed process. Not removed if all ranks write to it: another rank may have begun.
        _remove(temporary)
    if callable(save):
        try:
            save(temporary)
        except ValueError as error:
            # Keras's error names the endings that it accepts.
            wanted = next((each for each in _KERAS_SUFFIXES if each in str(error)), None)
            if suffix or wanted is None:
                raise
            return write_checkpoint(folder, save, step, epoch, author, wanted)
    else:
        with open(temporary, "wb") as file:
            file.write(save)
    if not os.path.exists(temporary):
        raise FileNotFoundError("The checkpoint's save(path) wrote nothing to its path, %s." % temporary)
    for each in _files(temporary):
        _flush(each)
    path = os.path.join(folder, "step-%09d.checkpoint%s" % (step, suffix))
    checkpoint = Checkpoint(path, step, epoch, author.attempt, _sha256(temporary), _size(temporary))
    _remove(path)
    os.replace(temporary, path)
    record: Dict[str, Any] = {
        "step": step,
        "epoch": epoch,
        "run": author.run,
        "attempt": author.attempt,
        "launch": author.launch,
        "sha256": checkpoint.sha256,
        "bytes": checkpoint.size,
    }
    with open(_record_of(path) + ".tmp", "w", encoding="utf-8") as file:
        json.dump(record, file)
    _flush(_record_of(path) + ".tmp")
    os.replace(_record_of(path) + ".tmp", _record_of(path))
    _flush(folder)
    return checkpoint


def keep_newest(folder: str, keep: int) -> None:
    """Removes all but the newest `keep` checkpoints."""
    for path in _paths(folder)[keep:]:
        for each in (_record_of(path), path):
            _remove(each)


def read_checkpoint(path: str, run: str) -> Union[Checkpoint, str]:
    """The checkpoint of a run, or a sentence that says what is wrong with it."""
    try:
        record = _record(path)
        # An earlier client recorded no run; such a file is a candidate only if autopilot names it.
        if record.get("run", run) != run:
            return "%s belongs to the run %s, not to %s" % (path, record["run"], run)
        size = _size(path)
        if size != record["bytes"]:
            return "%s has %d bytes, not the %d that were written" % (path, size, record["bytes"])
        if _sha256(path) != record["sha256"]:
            return "%s does not have the content that was written" % path
        return Checkpoint(path, record["step"], record["epoch"], record["attempt"], record["sha256"], size)
    except (OSError, ValueError, KeyError, TypeError) as error:
        return "%s cannot be read: %s" % (path, error)


def candidates(folder: str, wanted: Optional[str], author: Author) -> List[str]:
    """Checkpoints to try, best first: those of this attempt (after a restart within it), the one that autopilot names
    (`wanted`), older ones of the same run, and last those of other runs, so that reading them names their runs."""
    records = {path: _record_or_nothing(path) for path in _paths(folder)}
    own = [path for path, record in records.items() if record.get("launch") == author.launch]
    of_run = [path for path, record in records.items() if record.get("run") == author.run]
    strangers = [path for path, record in records.items() if record.get("run", author.run) != author.run]
    named = [] if wanted is None else [wanted]
    older = [path for path in of_run for name in named if os.path.basename(path) < os.path.basename(name)]
    return list(dict.fromkeys(own + named + older + strangers))


def _paths(folder: str) -> List[str]:
    """Checkpoint paths, newest first by the step in their names."""
    if not os.path.isdir(folder):
        return []
    names = sorted((name for name in os.listdir(folder) if ".checkpoint" in name and ".tmp" not in name), reverse=True)
    return [os.path.join(folder, name) for name in names]


def _record(path: str) -> Dict[str, Any]:
    with open(_record_of(path), encoding="utf-8") as file:
        record: Dict[str, Any] = json.load(file)
    return record


def _record_or_nothing(path: str) -> Dict[str, Any]:
    try:
        return _record(path)
    except (OSError, ValueError):
        return {}


def _record_of(path: str) -> str:
    folder, name = os.path.split(path)
    step = name.split(".checkpoint")[0] if ".checkpoint" in name else os.path.splitext(name)[0]
    return os.path.join(folder, step + ".json")


def _files(path: str) -> List[str]:
    """The file itself, or the files below a folder."""
    if not os.path.isdir(path):
        return [path]
    return sorted(os.path.join(folder, name) for folder, _, names in os.walk(path) for name in names)


def _size(path: str) -> int:
    # Raises the same error whether a file or a folder is missing.
    os.stat(path)
    return sum(os.path.getsize(each) for each in _files(path))


def _remove(path: str) -> None:
    if os.path.isdir(path):
        shutil.rmtree(path)
    elif os.path.exists(path):
        os.remove(path)


def _sha256(path: str) -> str:
    """The hash of a file's content; for a folder, of the relative path and content of each file."""
    digest = hashlib.sha256()
    for each in _files(path):
        if each != path:
            digest.update(os.path.relpath(each, path).replace(os.sep, "/").encode("utf-8") + b"\0")
        with open(each, "rb") as file:
            for block in iter(lambda: file.read(1 << 20), b""):
                digest.update(block)
    return digest.hexdigest()


def _flush(path: str) -> None:
    """Flushes to the disk, not only to the operating system."""
    try:
        file = os.open(path, os.O_RDONLY)
    except PermissionError:
        return  # Windows cannot open folders.
    try:
        os.fsync(file)
    finally:
        os.close(file)
