import os
import shutil

from grescale_autopilot.schedules import schedule_from

from .run_directory import SPEC
from .torch_script import TorchScriptTest, needs_torch

#: A single-process script with its five lines.
ORDINARY = """
if __name__ == "__main__":
    run = autopilot.current({"epochs": 4, "lr": 0.1})
    model = network()
    optimizer = run.optimizer(model.parameters(), lr=0.1, weight_decay=1e-4)
    loader = DataLoader(data(), batch_size=3, shuffle=True)
    for epoch in run.epochs(model, optimizer, loader):
        for step, batch in enumerate(loader):
            if (epoch, step, run.spec["attempt"]) == (2, 5, 2) and "KILL" in os.environ:
                os._exit(9)
            optimizer.zero_grad()
            train_on(model, batch).backward()
            optimizer.step()
        run.report(loss=0.5, dice=0.1 * (epoch + 1))
        if "STOP" in os.environ and epoch == 1:
            open(os.path.join(os.environ["AUTOPILOT_RUN"], "stop"), "w").close()
    save(model)
"""

#: A script of several ranks, with a sampler that shares the data.
RANKS = """
from torch.nn.parallel import DistributedDataParallel
from torch.utils.data.distributed import DistributedSampler
meet()
torch.set_num_threads(1)
run = autopilot.current(epochs=4)
torch.manual_seed(run.seed)
model = DistributedDataParallel(network())
optimizer = run.optimizer(model.parameters())
torch.manual_seed(run.seed + dist.get_rank()), random.seed(dist.get_rank()), numpy.random.seed(dist.get_rank())
loader = DataLoader(data(), batch_size=3, sampler=DistributedSampler(data(), seed=run.seed))
for epoch in run.epochs(model, optimizer, loader):
    loader.sampler.set_epoch(epoch)
    for step, batch in enumerate(loader):
        if (epoch, step, run.spec["attempt"]) == (2, 2, 2) and "KILL" in os.environ:
            os._exit(9)
        optimizer.zero_grad()
        train_on(model, batch).backward()
        optimizer.step()
    run.report(loss=0.5, dice=0.5)
save(model)
"""

#: `mp.spawn` gives each process its rank and nothing else; the run comes from the process that spawns them.
SPAWNED = """
import torch.multiprocessing as mp
def worker(rank, run):
    os.environ["RANK"], os.environ["WORLD_SIZE"] = str(rank), "2"
    meet()
    del os.environ["RANK"], os.environ["WORLD_SIZE"]
    torch.set_num_threads(1)
    model = torch.nn.parallel.DistributedDataParallel(network())
    optimizer = run.optimizer(model.parameters())
    loader = DataLoader(data(), batch_size=3, sampler=torch.utils.data.DistributedSampler(data()))
    for epoch in run.epochs(model, optimizer, loader):
        for batch in loader:
            optimizer.zero_grad()
            train_on(model, batch).backward()
            optimizer.step()
        run.report(loss=0.5, dice=0.5 + 0.1 * rank)
    dist.destroy_process_group()
    if "FAIL" in os.environ:
        raise OSError("the test images are gone")

if __name__ == "__main__":
    mp.spawn(worker, args=(autopilot.current(epochs=4),), nprocs=2)
"""


@needs_torch
class EpochsTest(TorchScriptTest):
    def test_sets_the_rate_before_every_step_and_measures_what_was_made(self) -> None:
        self.run_script(ORDINARY)
        schedule = schedule_from(SPEC["schedule"])
        events = self.epoch_events()
        self.assertEqual([event["epoch"] for event in events], [1, 2, 3, 4])
        for event in events:
            measured = event["measured"]
            rates = [schedule(event["epoch"] - 1 + step / 8) for step in range(8)]
            self.assertEqual(measured["lr"], [{"min": min(rates), "max": max(rates)}])
            counted = {name: measured[name] for name in ("steps", "stepsPerEpoch", "batchPerWorker", "workers", "optimizer")}
            self.assertEqual(
                counted,
                {"steps": 8, "stepsPerEpoch": 8, "batchPerWorker": 3, "workers": 1, "optimizer": "momentum"},
            )
        self.assertEqual(self.events()[0]["capabilities"], {"optimizers": ["sgd", "momentum", "adam"]})
        self.assertEqual([event["type"] for event in self.events()][-2:], ["evaluation", "finished"])
        self.assertEqual(self.events()[-2]["metrics"], {"dice": 0.4})

    def test_goes_on_bit_for_bit_after_a_kill(self) -> None:
        self.run_script(ORDINARY)
        undisturbed = self.saved()
        shutil.rmtree(os.path.join(self.folder, "checkpoints"))
        self.write_spec(checkpoints={"everyEpochs": 1, "keep": 2}, epochs=4, workers=1)
        self.run_script(ORDINARY, code=9, KILL="1")
        self.resume(attempt=3)
        self.run_script(ORDINARY)
        self.assertEqual(self.saved(), undisturbed)

    def test_goes_on_bit_for_bit_after_a_stop(self) -> None:
        self.run_script(ORDINARY)
        undisturbed = self.saved()
        shutil.rmtree(os.path.join(self.folder, "checkpoints"))
        os.remove(self.weights)
        os.remove(os.path.join(self.folder, "events.ndjson"))
        self.run_script(ORDINARY, STOP="1")
        # It ended within the loop: it neither finished nor continued after the loop.
        self.assertEqual((self.events()[-1]["type"], os.path.exists(self.weights)), ("checkpoint", False))
        os.remove(os.path.join(self.folder, "stop"))
        self.resume(attempt=3)
        self.run_script(ORDINARY)
        self.assertEqual(self.saved(), undisturbed)

    def test_ranks_go_on_bit_for_bit_after_a_kill_and_beat_in_files_of_their_own(self) -> None:
        self.workers = 2
        self.write_spec(checkpoints={"everyEpochs": 1, "keep": 2}, epochs=4, workers=2)
        self.run_ranks(RANKS, 2)
        undisturbed = self.saved()
        shutil.rmtree(os.path.join(self.folder, "checkpoints"))
        os.environ["KILL"] = "1"
        self.run_ranks(RANKS, 2, codes=(9,))
        del os.environ["KILL"]
        self.resume(attempt=3)
        self.run_ranks(RANKS, 2)
        self.assertEqual(self.saved(), undisturbed)
        self.assertEqual({event.get("rank", 0) for event in self.events(beats=True)}, {0})
        beats = os.path.join(self.folder, "heartbeats")
        files = os.listdir(os.path.join(beats, os.listdir(beats)[0]))
        self.assertEqual(sorted(name for name in files if "rank" in name), ["rank-0.json", "rank-1.json"])

    def test_processes_that_mp_spawn_starts_have_one_rank_0(self) -> None:
        self.workers = 2
        self.write_spec(checkpoints={"everyEpochs": 4, "keep": 2}, epochs=4, workers=2)
        store = {"STORE": os.path.join(self.folder, "store")}
        self.run_script(SPAWNED, **store)
        types = [event["type"] for event in self.events()]
        self.assertEqual(types, ["started", "epoch", "epoch", "epoch", "epoch", "checkpoint", "evaluation", "finished"])
        self.assertEqual({event["metrics"]["dice"] for event in self.epoch_events()}, {0.5})

    def test_a_spawned_process_that_fails_after_its_epochs_is_not_finished(self) -> None:
        self.workers = 2
        self.write_spec(checkpoints={"everyEpochs": 4, "keep": 2}, epochs=4, workers=2)
        self.run_script(SPAWNED, code=1, STORE=os.path.join(self.folder, "store"), FAIL="1")
        self.assertNotIn("finished", [event["type"] for event in self.events()])
