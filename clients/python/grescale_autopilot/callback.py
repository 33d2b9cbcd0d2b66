"""Shared by the callbacks for training libraries."""

from __future__ import annotations

import importlib
from typing import Any, Sequence


def import_first(names: Sequence[str], needed: str) -> Any:
    """Imports the first of the modules that is installed."""
    for name in names:
        try:
            return importlib.import_module(name)
        except ImportError:
            continue
    raise ImportError(needed)
