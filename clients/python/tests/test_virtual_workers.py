import os

from .torch_script import TorchScriptTest, needs_torch

#: Only the initial weights are random. The sampler divides the data among the processes.
SHARED = """
from torch.nn.parallel import DistributedDataParallel
from torch.nn.utils import clip_grad_norm_
from torch.utils.data.distributed import DistributedSampler
world = int(os.environ["WORLD_SIZE"])
if world > 1:
    meet()
torch.set_num_threads(1), torch.manual_seed(1)
run = autopilot.current(epochs=4)
model = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.Tanh(), torch.nn.Linear(8, 1)).double()
model = DistributedDataParallel(model) if world > 1 else model
optimizer = run.optimizer(model.parameters())
generator = torch.Generator().manual_seed(2)
images = torch.randn(48, 4, generator=generator).double()
dataset = TensorDataset(images, images.sum(1, keepdim=True))
sampler = DistributedSampler(dataset, num_replicas=world, rank=int(os.environ["RANK"]), seed=run.seed)
loader = DataLoader(dataset, batch_size=3, sampler=sampler)
for epoch in run.epochs(model, optimizer, loader):
    sampler.set_epoch(epoch)
    for inputs, targets in loader:
        optimizer.zero_grad()
        (model(inputs) - targets).pow(2).mean().backward()
        clip_grad_norm_(model.parameters(), 0.5)
        optimizer.step()
    run.report(loss=0.5, dice=0.5)
save(model)
"""


@needs_torch
class VirtualWorkersTest(TorchScriptTest):
    workers = 4

    def test_train_as_real_workers_do_with_fewer_processes(self) -> None:
        self.write_spec(checkpoints={"everyEpochs": 4, "keep": 2}, epochs=4, workers=4)
        ended = {}
        for processes in (4, 2, 1):
            self.run_ranks(SHARED, processes)
            ended[processes] = [value for row in self.saved() for value in _flat(row)]
            measured = [event["measured"] for event in self.epoch_events()]
            self.assertEqual(
                [[each[name] for name in ("workers", "batchPerWorker", "steps", "stepsPerEpoch")] for each in measured],
                [[4, 3, 4, 4]] * 4,
            )
            # Only if a process does the work of several workers: its time says nothing about that many workers.
            played = [each.get("processes") for each in measured]
            self.assertEqual(played, [processes if processes < 4 else None] * 4)
            os.remove(os.path.join(self.folder, "events.ndjson"))
            for name in os.listdir(os.path.join(self.folder, "checkpoints")):
                os.remove(os.path.join(self.folder, "checkpoints", name))
        for processes in (2, 1):
            for one, other in zip(ended[4], ended[processes]):
                self.assertAlmostEqual(one, other, places=12)


def _flat(value):
    return [each for part in value for each in _flat(part)] if isinstance(value, list) else [value]
