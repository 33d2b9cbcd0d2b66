import importlib.util
import os
import unittest

import grescale_autopilot as autopilot

from .run_directory import RunDirectoryTest

HAS_TORCH = importlib.util.find_spec("torch") is not None
REQUIRED = "torch" in os.environ.get("AUTOPILOT_REQUIRE", "").split(",")


@unittest.skipUnless(HAS_TORCH or REQUIRED, "PyTorch is not installed for this Python")
class TorchSchedulerTest(RunDirectoryTest):
    def setUp(self) -> None:
        super().setUp()
        import torch

        self.torch = torch

    def optimizer(self):
        groups = [{"params": [self.torch.zeros(1)]}, {"params": [self.torch.zeros(1)], "lr_scale": 0.1}]
        return self.torch.optim.SGD(groups, lr=123.0)

    def test_is_a_real_scheduler_that_sets_the_rate_before_every_step(self) -> None:
        run = autopilot.current()
        optimizer = self.optimizer()
        scheduler = run.lr_scheduler(optimizer, steps_per_epoch=5)
        schedulers = self.torch.optim.lr_scheduler
        self.assertIsInstance(scheduler, getattr(schedulers, "LRScheduler", schedulers._LRScheduler))
        for step in range(8 * 5 + 1):
            rate = run.lr_at(step / 5)
            self.assertEqual([group["lr"] for group in optimizer.param_groups], [rate, rate * 0.1])
            self.assertEqual(scheduler.get_last_lr(), [rate, rate * 0.1])
            optimizer.step()
            scheduler.step()

    def test_goes_on_from_its_state_with_the_rate_of_the_saved_step(self) -> None:
        run = autopilot.current()
        first, optimizer = run.lr_scheduler(self.optimizer(), 5), self.optimizer()
        for _ in range(33):
            first.optimizer.step()
            first.step()
        second = run.lr_scheduler(optimizer, 5)
        optimizer.load_state_dict({**first.optimizer.state_dict()})
        second.load_state_dict(first.state_dict())
        self.assertEqual(optimizer.param_groups[0]["lr"], run.lr_at(33 / 5))
        optimizer.step()
        second.step()
        self.assertEqual(optimizer.param_groups[0]["lr"], run.lr_at(34 / 5))

    def test_refuses_a_state_of_another_number_of_steps(self) -> None:
        scheduler = autopilot.current().lr_scheduler(self.optimizer(), 5)
        with self.assertRaisesRegex(ValueError, "4 steps an epoch, this training has 5"):
            scheduler.load_state_dict({"last_epoch": 3, "steps_per_epoch": 4})

    def test_reports_the_rate_of_the_last_step_of_the_epoch(self) -> None:
        run = autopilot.current()
        self.train(run, self.optimizer())
        run.report(1, loss=self.torch.tensor(0.5), dice=0.5)
        event = self.events()[-1]
        self.assertEqual((event["lr"], event["step"], event["loss"]), (run.lr_at(4 / 5), 5, 0.5))

    def train(self, run, optimizer, steps=5):
        scheduler = run.lr_scheduler(optimizer, 5)
        for _ in range(steps):
            for _ in range(2):
                run.samples(2)
            optimizer.step()
            scheduler.step()
        return scheduler

    def measured(self):
        return self.events()[-1].get("measured")

    def test_measures_what_the_optimizer_did(self) -> None:
        run = autopilot.current()
        self.train(run, self.optimizer())
        run.report(1, loss=0.5)
        first, second = self.measured()["lr"]
        self.assertEqual((first["min"], first["max"]), (run.lr_at(0), run.lr_at(4 / 5)))
        self.assertEqual((second["max"], second["scale"]), (run.lr_at(4 / 5) * 0.1, 0.1))
        rest = {name: value for name, value in self.measured().items() if name != "lr"}
        self.assertEqual(
            rest, {"steps": 5, "stepsPerEpoch": 5, "optimizer": "sgd", "workers": 1, "batchPerWorker": 4}
        )

    def test_measures_an_optimizer_at_a_rate_of_its_own(self) -> None:
        run = autopilot.current()
        optimizer = self.torch.optim.SGD([self.torch.zeros(1)], lr=0.25, momentum=0.9)
        run.follow(optimizer, 2)
        for epoch in (1, 2):
            optimizer.step()
            optimizer.step()
            run.report(epoch, loss=0.5)
            self.assertEqual(self.measured()["lr"], [{"min": 0.25, "max": 0.25}])
        self.assertEqual((self.measured()["steps"], self.measured()["optimizer"]), (2, "momentum"))

    def test_measures_nothing_it_did_not_see(self) -> None:
        run = autopilot.current()
        run.report(1, loss=0.5)
        self.assertEqual((self.measured(), self.events()[-1].get("lr")), (None, None))

    def test_says_no_rate_of_an_epoch_that_an_earlier_attempt_began(self) -> None:
        self.write_spec(resumeFrom="checkpoints/step-7.pt")
        run = autopilot.current()
        optimizer = self.optimizer()
        scheduler = run.lr_scheduler(optimizer, 5)
        scheduler.load_state_dict({"last_epoch": 7, "steps_per_epoch": 5})
        for epoch, steps in ((2, 3), (3, 5)):
            for _ in range(steps):
                optimizer.step()
                scheduler.step()
            run.report(epoch, loss=0.5)
            self.assertEqual(self.measured().get("steps"), None if epoch == 2 else 5)

    def test_counts_the_steps_that_a_gradient_scaler_leaves_out(self) -> None:
        run = autopilot.current()
        optimizer = self.optimizer()
        scheduler = run.lr_scheduler(optimizer, 5)
        for step in range(5):
            if step != 1:
                optimizer.step()
            scheduler.step()
        run.report(1, loss=0.5)
        self.assertEqual(self.measured()["steps"], 5)

    def test_takes_what_the_script_says_of_itself(self) -> None:
        run = autopilot.current()
        run.measured(workers=4, batch_per_worker=3)
        self.train(run, self.optimizer())
        run.report(1, loss=0.5)
        self.assertEqual((self.measured()["workers"], self.measured()["batchPerWorker"]), (4, 3))

    def test_has_the_rank_and_the_size_of_the_process_group(self) -> None:
        distributed = self.torch.distributed
        if not distributed.is_available():
            self.skipTest("PyTorch without torch.distributed")
        run = autopilot.current()
        store = distributed.FileStore(os.path.join(self.folder, "store"), 1)
        distributed.init_process_group("gloo", store=store, rank=0, world_size=1)
        self.addCleanup(distributed.destroy_process_group)
        self.train(run, self.optimizer())
        run.report(1, loss=0.5)
        self.assertEqual((run.rank, self.measured()["workers"]), (0, 1))
