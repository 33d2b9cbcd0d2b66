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
        self.assertIsInstance(scheduler, self.torch.optim.lr_scheduler._LRScheduler)
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
        run.lr_scheduler(self.optimizer(), 5)
        run.report(1, loss=self.torch.tensor(0.5), dice=0.5)
        event = self.events()[-1]
        self.assertEqual((event["lr"], event["step"], event["loss"]), (run.lr_at(4 / 5), 5, 0.5))
