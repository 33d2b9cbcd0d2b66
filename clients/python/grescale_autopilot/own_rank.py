"""The rank of this process, decided when it is needed: a process group may come later than the run."""

from __future__ import annotations

from typing import Optional

from .ranks import detect_rank, is_child, loads_data, process_group


class OwnRank:
    def __init__(self, workers: int, told: Optional[int] = None, parent: Optional[int] = None) -> None:
        self._workers = workers
        #: By the script itself.
        self._told = told
        #: Of the process that passed the run on to this one.
        self._parent = parent
        #: By a process group that may be gone by now.
        self._seen: Optional[int] = None

    def known(self) -> Optional[int]:
        """None where nobody can tell yet: `mp.spawn` started this process, one of several, and no process group is there."""
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
        """As a process gets it that this one starts."""
        return OwnRank(self._workers, None, self.known())
