"""A run directory as autopilot makes it, for tests."""

from __future__ import annotations

import json
import os
import tempfile
import unittest
from typing import Any, Dict, List
from unittest import mock

SPEC: Dict[str, Any] = {
    "protocol": 1,
    "studyId": "study-1",
    "runId": "run-1",
    "key": "iteration-0",
    "kind": "iteration",
    "attempt": 2,
    "seed": 7,
    "workers": 4,
    "batchPerWorker": 3,
    "epochs": 8,
    "setting": {
        "initialLr": 0.1,
        "decayCoefficient": 3,
        "warmupEpochs": 3,
        "decayEpochs": 3,
        "optimizer": "momentum",
    },
    "schedule": {
        "policy": "greScale",
        "workers": 4,
        "epochs": 8,
        "initialLr": 0.1,
        "warmupEpochs": 3,
        "decayEpochs": 3,
        "decayCoefficient": 3,
        "decayShape": "exponential",
    },
    "metrics": ["dice"],
    "checkpoints": {"everyEpochs": 2, "keep": 2},
    "resumeFrom": None,
}


class RunDirectoryTest(unittest.TestCase):
    """Gives each test a run directory named by AUTOPILOT_RUN, and no rank."""

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.write_spec()
        environment = mock.patch.dict(os.environ, {"AUTOPILOT_RUN": self.folder}, clear=True)
        environment.start()
        self.addCleanup(environment.stop)

    def write_spec(self, **changes: Any) -> None:
        with open(os.path.join(self.folder, "run.json"), "w", encoding="utf-8") as file:
            json.dump({**SPEC, **changes}, file)

    def events(self, *, beats: bool = False) -> List[Dict[str, Any]]:
        path = os.path.join(self.folder, "events.ndjson")
        if not os.path.exists(path):
            return []
        with open(path, encoding="utf-8") as file:
            events = [json.loads(line) for line in file.read().splitlines() if line]
        return [event for event in events if beats or event["type"] != "heartbeat"]
