"""The rank of this process, determined when it is needed: a process group may be created after the run."""

from __future__ import annotations

from typing import Optional

from .ranks import detect_rank, is_child, loads_data, process_group


class OwnRank:
    def __init__(self, workers: int, told: Optional[int] = None, parent: Optional[int] = None) -> None:
        self._workers = workers
        #: The rank that the script itself gave.
        self._told = told
        #: The rank of the process that passed the run on to this one.
        self._parent = parent
        #: The rank in a process group, which may be gone by now.
        self._seen: Optional[int] = None

    def known(self) -> Optional[int]:
        """None while unknown: `mp.spawn` started this process as one of several, and there is no process group yet."""
        group = process_group()
        if group is not None:
            self._seen = int(group.get_rank())
        for rank in (self._seen, self._told):
            if rank is not None:
                return rank
        if loads_data() and self._parent is not None:
            return self._parent
        found = detect_rank(workers=self._workers)
        if found is not None:
            return found
        return None if self._workers > 1 and is_child() else 0

    def for_another(self) -> OwnRank:
        """The copy that a process started by this one gets."""
        return OwnRank(self._workers, None, self.known())
