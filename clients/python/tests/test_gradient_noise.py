import importlib.util
import json
import os
import shutil
import socket
from typing import Any, Dict
from unittest import skipUnless

from .torch_script import HAS_TORCH, TorchScriptTest, needs_torch

#: PyTorch has been able to scale losses on the CPU since 2.3.
SCALED = " scaled" if HAS_TORCH and importlib.util.find_spec("torch.amp.grad_scaler") is not None else ""

#: The loss is linear, so the mean and spread of the gradients are known whatever the weights are. Each way is trained
#: in its own run folder; the reports and the final weights go into a file.
KNOWN = """
import json
from torch.distributed.algorithms.ddp_comm_hooks.default_hooks import allreduce_hook
from torch.nn.parallel import DistributedDataParallel
world, rank = int(os.environ["WORLD_SIZE"]), int(os.environ["RANK"])
if world > 1:
    meet()
torch.set_num_threads(1)
spread, samples = 3.0, 2
generator = torch.Generator().manual_seed(3)
images = torch.tensor([1.0, -2.0, 0.5]).double() + spread * torch.randn(1200, 3, generator=generator).double()

def train(way):
    folder = os.path.join(os.environ["AUTOPILOT_RUN"], "%d-%s" % (world, way))
    os.makedirs(folder, exist_ok=True)
    spec = json.load(open(os.path.join(os.environ["AUTOPILOT_RUN"], "run.json")))
    with open(os.path.join(folder, "run-%d.json" % rank), "w") as file:
        json.dump(spec, file)
    os.replace(file.name, os.path.join(folder, "run.json"))
    if world > 1:
        dist.barrier()
    run = autopilot.current(epochs=2, directory=folder)
    torch.manual_seed(1)
    model = torch.nn.Linear(3, 1, bias=False).double()
    model = DistributedDataParallel(model) if world > 1 else model
    if way == "hook":
        model.register_comm_hook(None, allreduce_hook)
    optimizer = run.optimizer(model.parameters())
    loader = DataLoader(TensorDataset(images[rank::world]), batch_size=samples)
    scaler = torch.cuda.amp.GradScaler(enabled=False)
    if way == "scaled":
        scaler = torch.amp.GradScaler("cpu", init_scale=1024.0, growth_interval=100)
    added = 3 if way == "added" else 1
    for epoch in run.epochs(model, optimizer, loader, noise=way != "off"):
        for index, (inputs,) in enumerate(loader):
            scaler.scale(model(inputs).mean() / added).backward()
            if (index + 1) % added == 0:
                if way == "clip":
                    torch.nn.utils.clip_grad_norm_(model.parameters(), 0.1)
                scaler.step(optimizer), scaler.update(), optimizer.zero_grad()
        if rank == 0:
            run.report(loss=0.5, dice=0.5)
    if rank == 0:
        events = [json.loads(line) for line in open(os.path.join(folder, "events.ndjson"))]
        noise = [each["measured"].get("gradientNoise") for each in events if each["type"] == "epoch"]
        return {"noise": noise, "weights": [each.tolist() for each in model.parameters()]}

results = {way: train(way) for way in os.environ["WAYS"].split()}
if rank == 0:
    # The same by the definition, from the images themselves.
    steps = images.reshape(-1, samples, 2, 3)
    each, mean = steps.mean(1).pow(2).sum(2).mean(1), steps.mean((1, 2)).pow(2).sum(1)
    results["defined"] = {"trace": ((each - mean) * samples * 2).mean().item(), "squaredNorm": (2 * mean - each).mean().item()}
    json.dump(results, open(os.environ["WEIGHTS"], "w"))
"""

#: The same problem and batches in Lightning, which starts no processes of its own if they already exist.
IN_LIGHTNING = KNOWN.replace("if world > 1:\n    meet()\n", "").split("def train(way)")[0] + """
import lightning
from torch.utils.data import DistributedSampler

class Module(lightning.LightningModule):
    def __init__(self):
        super().__init__()
        torch.manual_seed(1)
        self.model = torch.nn.Linear(3, 1, bias=False).double()

    def training_step(self, batch, index):
        return self.model(batch[0]).mean()

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=0.1)

run = autopilot.current(epochs=2)
sampler = DistributedSampler(range(len(images)), world, rank, shuffle=False) if world > 1 else None
trainer = lightning.Trainer(
    max_epochs=run.epochs, accelerator="cpu", devices=world, strategy="ddp" if world > 1 else "auto",
    accumulate_grad_batches=1 if world > 1 else 2, callbacks=[run.lightning_callback(noise=os.environ["WAYS"] == "on")],
    logger=False, enable_checkpointing=False, enable_progress_bar=False, enable_model_summary=False, use_distributed_sampler=False,
)
module = Module()
trainer.fit(module, DataLoader(TensorDataset(images), batch_size=samples, sampler=sampler))
run.finish()
if rank == 0:
    events = [json.loads(line) for line in open(os.path.join(os.environ["AUTOPILOT_RUN"], "events.ndjson"))]
    noise = [(each["measured"] or {}).get("gradientNoise") for each in events if each["type"] == "epoch"]
    # The same by the definition, from the images themselves: each step has two batches.
    steps = images.reshape(-1, samples, 2, 3).transpose(1, 2) if world > 1 else images.reshape(-1, 2, samples, 3)
    each, mean = steps.mean(2).pow(2).sum(2).mean(1), steps.mean((1, 2)).pow(2).sum(1)
    defined = {"trace": ((each - mean) * samples * 2).mean().item(), "squaredNorm": (2 * mean - each).mean().item()}
    weights = [each.tolist() for each in module.model.parameters()]
    json.dump({"noise": noise, "weights": weights, "defined": defined}, open(os.environ["WEIGHTS"], "w"))
"""


@needs_torch
class GradientNoiseTest(TorchScriptTest):
    """This problem has the trace 3 times 3 squared, 27, and the squared norm 5.25: a noise scale of 5.1 samples."""

    def trained(self, processes: int, workers: int, ways: str) -> Dict[str, Any]:
        self.write_spec(checkpoints={"everyEpochs": 2, "keep": 2}, epochs=2, workers=workers)
        os.environ["WAYS"] = ways
        self.run_ranks(KNOWN, processes)
        with open(self.weights, encoding="utf-8") as file:
            return json.load(file)  # type: ignore[no-any-return]

    def near_the_truth(self, epochs: Any) -> None:
        self.assertEqual(len(epochs), 2)
        for noise in epochs:
            self.assertLess(abs(noise["trace"] - 27), 3)
            self.assertLess(abs(noise["squaredNorm"] - 5.25), 1)

    def test_equals_the_definition_and_changes_no_bit(self) -> None:
        found = self.trained(2, 2, "on off hook clip added" + SCALED)
        for noise in found["on"]["noise"]:
            self.assertAlmostEqual(noise["trace"], found["defined"]["trace"], places=9)
            self.assertAlmostEqual(noise["squaredNorm"], found["defined"]["squaredNorm"], places=9)
        self.assertEqual(found["off"], {"noise": [None, None], "weights": found["on"]["weights"]})
        # The script's own hook does the averaging, and continues to.
        self.assertEqual(found["hook"], found["on"])
        # Clipping comes later; accumulated gradients count as separate batches.
        for way in ("on", "clip", "added"):
            self.near_the_truth(found[way]["noise"])
        # A scaler's factor, which grows during the training, is no part of the gradient.
        for one, other in zip(found.get("scaled", found["on"])["noise"], found["on"]["noise"]):
            self.assertAlmostEqual(one["trace"], other["trace"], places=6)

    def test_is_not_measured_where_its_sums_cannot_be_made(self) -> None:
        import torch

        from grescale_autopilot.gradient_noise import gradient_noise

        def measured(*layers: Any) -> bool:
            model = torch.nn.Sequential(*layers)
            return gradient_noise(model, torch.optim.SGD(model.parameters(), lr=0.1)) is not None

        layer = torch.nn.Linear
        self.assertTrue(measured(layer(2, 2), layer(2, 2)))
        # A second device that every machine has.
        self.assertFalse(measured(layer(2, 2), layer(2, 2, device="meta")))
        self.assertFalse(measured(layer(2, 2, dtype=torch.complex64)))

    def test_workers_that_one_process_stands_for_show_it_too(self) -> None:
        found = self.trained(1, 4, "on clip" + SCALED)
        for way in ("on clip" + SCALED).split():
            self.near_the_truth(found[way]["noise"])

    @skipUnless(importlib.util.find_spec("lightning"), "Lightning is not installed for this Python")
    def test_is_measured_by_the_lightning_callback_and_changes_no_bit(self) -> None:
        for processes in (2, 1):
            found = {}
            for way in ("off", "on"):
                self.write_spec(checkpoints={"everyEpochs": 2, "keep": 2}, epochs=2, workers=2)
                # Otherwise it would resume after the last epoch of the previous training.
                shutil.rmtree(os.path.join(self.folder, "checkpoints"), ignore_errors=True)
                if os.path.exists(os.path.join(self.folder, "events.ndjson")):
                    os.remove(os.path.join(self.folder, "events.ndjson"))
                os.environ.update(WAYS=way, MASTER_ADDR="127.0.0.1", MASTER_PORT=str(free_port()))
                self.run_ranks(IN_LIGHTNING, processes, variables=lightning_ranks)
                with open(self.weights, encoding="utf-8") as file:
                    found[way] = json.load(file)
            for noise in found["on"]["noise"]:
                self.assertAlmostEqual(noise["trace"], found["on"]["defined"]["trace"], places=9)
                self.assertAlmostEqual(noise["squaredNorm"], found["on"]["defined"]["squaredNorm"], places=9)
            self.assertEqual(found["off"], {**found["on"], "noise": [None, None]})


def free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])


def lightning_ranks(rank: int) -> Dict[str, str]:
    """Variables that tell Lightning that a launcher has already started the ranks."""
    return {"LOCAL_RANK": str(rank), "NODE_RANK": "0"}
