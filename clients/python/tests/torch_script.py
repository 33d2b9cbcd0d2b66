"""Runs scripts that train with PyTorch, in separate processes."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from typing import Any, Callable, Dict, List, Sequence
from unittest import skipUnless

import grescale_autopilot as autopilot

from .run_directory import RunDirectoryTest

HAS_TORCH = importlib.util.find_spec("torch") is not None
REQUIRED = "torch" in os.environ.get("AUTOPILOT_REQUIRE", "").split(",")
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(autopilot.__file__)))

needs_torch = skipUnless(HAS_TORCH or REQUIRED, "PyTorch is not installed for this Python")

#: A network with dropout, data in a new order each epoch, momentum: losing any state changes the final weights.
TRAIN = """
import os, sys, random, numpy, torch, torch.distributed as dist
import grescale_autopilot as autopilot
from torch.utils.data import DataLoader, TensorDataset

def network():
    torch.manual_seed(1)
    return torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.Dropout(0.2), torch.nn.Tanh(), torch.nn.Linear(8, 1))

def data(count=24):
    generator = torch.Generator().manual_seed(2)
    images = torch.randn(count, 4, generator=generator)
    return TensorDataset(images, images.sum(1, keepdim=True).tanh())

def meet():
    rank, world = int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"])
    dist.init_process_group("gloo", init_method="file://" + os.environ["STORE"], rank=rank, world_size=world)

def train_on(model, batch):
    noise = random.random() + numpy.random.rand()
    return (model(batch[0]) - batch[1] * noise).pow(2).mean()

def save(model):
    if run.rank == 0:
        torch.save([each.detach().clone() for each in model.parameters()], os.environ["WEIGHTS"])
"""


@needs_torch
class TorchScriptTest(RunDirectoryTest):
    def setUp(self) -> None:
        super().setUp()
        self.weights = os.path.join(self.folder, "weights.pt")
        self.write_spec(checkpoints={"everyEpochs": 1, "keep": 2}, epochs=4, workers=1)

    def start(self, script: str, environment: Dict[str, str]) -> subprocess.Popen:  # type: ignore[type-arg]
        path = os.path.join(self.folder, "script.py")
        with open(path, "w", encoding="utf-8") as file:
            file.write(TRAIN + script)
        variables = {**os.environ, "PYTHONPATH": ROOT, "WEIGHTS": self.weights, "OMP_NUM_THREADS": "1", **environment}
        return subprocess.Popen([sys.executable, path], env=variables, stderr=subprocess.PIPE, text=True)

    def run_script(self, script: str, code: int = 0, **environment: str) -> str:
        process = self.start(script, environment)
        _, errors = process.communicate()
        self.assertEqual(process.returncode, code, errors)
        return errors

    def run_ranks(
        self, script: str, ranks: int, codes: Sequence[int] = (0,), variables: Callable[[int], Dict[str, str]] = lambda _: {}
    ) -> None:
        """Starts the ranks as a launcher does, each with its rank and its `variables`; they meet through a file."""
        store = os.path.join(self.folder, "store-%d" % len(os.listdir(self.folder)))
        each = {"WORLD_SIZE": str(ranks), "STORE": store}
        started = [self.start(script, {**each, "RANK": str(rank), **variables(rank)}) for rank in range(ranks)]
        ended = [process.communicate()[1] for process in started]
        for process, errors in zip(started, ended):
            self.assertIn(process.returncode, codes, errors)

    def saved(self) -> List[List[Any]]:
        import torch

        return [each.tolist() for each in torch.load(self.weights)]

    def resume(self, attempt: int) -> None:
        newest = max(name for name in os.listdir(os.path.join(self.folder, "checkpoints")) if name.endswith(".checkpoint"))
        self.write_spec(
            checkpoints={"everyEpochs": 1, "keep": 2},
            epochs=4,
            workers=self.workers,
            attempt=attempt,
            resumeFrom="checkpoints/" + newest,
        )

    workers = 1

    def epoch_events(self) -> List[Dict[str, Any]]:
        return [event for event in self.events() if event["type"] == "epoch"]

    def warnings(self) -> List[str]:
        return [event["message"] for event in self.events() if event["type"] == "warning"]
