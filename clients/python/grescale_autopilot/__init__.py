"""Lets a training script be driven by GreScale autopilot. Start with `current()`."""

from .checkpoints import Checkpoint
from .entry import current
from .run import Run
from .schedules import phase_at, schedule_from
from .setting import Setting

__all__ = ["Checkpoint", "Run", "Setting", "current", "phase_at", "schedule_from"]
__version__ = "0.1.0"
