import os
import pickle
from unittest import mock

import grescale_autopilot as autopilot
from grescale_autopilot.schedules import schedule_from

from .run_directory import SPEC, RunDirectoryTest
from .torch_script import needs_torch


@needs_torch
class TrainingLoopTest(RunDirectoryTest):
    def setUp(self) -> None:
        super().setUp()
        import torch

        self.torch = torch
        self.schedule = schedule_from(SPEC["schedule"])
        self.write_spec(workers=1)
        self.run_ = autopilot.current()
        self.addCleanup(self.run_.finish)
        self.model = torch.nn.Linear(4, 1)
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=0.1)

    def batches(self, count):
        return self.torch.utils.data.DataLoader(self.torch.ones(count * 2, 4), batch_size=2)

    def train(self, loader, each=1, epochs=1, skipped=(), after_step=lambda: None, **options):
        """The rates of each epoch's steps. `each` batches go into one step; the tenth batch is the last.
        The step after one of the `skipped` batches is left out, as a gradient scaler does."""
        rates = []
        for epoch in self.run_.epochs(self.model, self.optimizer, loader, **options):
            rates.append([])
            for number, batch in enumerate(loader):
                self.model(batch).sum().backward()
                if ((number + 1) % each == 0 or number == 9) and number not in skipped:
                    self.optimizer.step()
                    self.optimizer.zero_grad()
                    rates[-1].append([group["lr"] for group in self.optimizer.param_groups])
                    after_step()
            self.run_.report(loss=0.5, dice=0.5)
            if epoch + 1 == epochs:
                break
        return rates

    def measured(self):
        return [event["measured"] for event in self.events() if event["type"] == "epoch"]

    def at(self, *fractions):
        return [[self.schedule(fraction)] for fraction in fractions]

    def test_the_rate_is_that_of_the_first_batch_of_a_step(self) -> None:
        self.assertEqual(self.train(self.batches(10), each=4), [self.at(0, 0.4, 0.8)])
        measured = self.measured()[0]
        self.assertEqual((measured["steps"], measured["stepsPerEpoch"], measured["batchPerWorker"]), (3, 3, 8))

    def test_a_step_that_a_gradient_scaler_leaves_out_counts(self) -> None:
        rates = self.train(self.batches(5), skipped=(0, 3), epochs=2)
        self.assertEqual(rates, [self.at(0, 0.4, 0.8), self.at(1.2, 1.4, 1.8)])
        self.assertEqual([(each["steps"], each["leftOut"]) for each in self.measured()], [(5, 2), (5, 2)])

    def test_a_data_set_that_does_not_know_its_length_has_that_of_the_epoch_before(self) -> None:
        class Stream(self.torch.utils.data.IterableDataset):
            def __iter__(self):
                return iter([[1.0] * 4] * 8)

        collate = self.torch.tensor
        loader = self.torch.utils.data.DataLoader(Stream(), batch_size=2, collate_fn=collate)
        self.assertEqual(self.train(loader, epochs=2), [self.at(0, 0, 0, 0), self.at(1, 1.25, 1.5, 1.75)])
        self.assertEqual([each["stepsPerEpoch"] for each in self.measured()], [4, 4])

    def test_batches_in_a_list_are_seen_by_the_model(self) -> None:
        batches = [self.torch.ones(3, 4) for _ in range(4)]
        self.assertEqual(self.train(batches, each=2), [self.at(0, 0.5)])
        self.assertEqual(self.measured()[0]["batchPerWorker"], 6)

    def test_steps_that_the_script_names_go_before_the_loaders_length(self) -> None:
        self.assertEqual(self.train(self.batches(4), steps_per_epoch=8), [self.at(0, 0.125, 0.25, 0.375)])
        measured = self.measured()[0]
        self.assertEqual((measured["steps"], measured["stepsPerEpoch"]), (4, 8))

    def test_parameter_groups_keep_their_ratios(self) -> None:
        groups = [{"params": [self.model.weight], "lr": 0.5}, {"params": [self.model.bias], "lr": 2.0}]
        self.optimizer = self.torch.optim.SGD(groups, lr=2.0)
        rates = self.train(self.batches(2))
        self.assertEqual(rates, [[[self.schedule(e) * 0.25, self.schedule(e)] for e in (0, 0.5)]])
        self.assertEqual([each.get("scale") for each in self.measured()[0]["lr"]], [0.25, None])

    def test_the_optimizer_of_the_setting_keeps_options_and_ratios(self) -> None:
        groups = [{"params": [self.model.weight], "lr": 0.5}, {"params": [self.model.bias]}]
        optimizer = self.run_.optimizer(groups, lr=5.0, weight_decay=0.01, betas=(0.8, 0.9))
        self.assertEqual([group["weight_decay"] for group in optimizer.param_groups], [0.01, 0.01])
        self.assertEqual([group["momentum"] for group in optimizer.param_groups], [0.9, 0.9])
        self.assertEqual([group["lr"] for group in optimizer.param_groups], [0.1 * 0.1, 0.1])
        with self.assertRaisesRegex(TypeError, "none of sgd, momentum, adam takes speed"):
            self.run_.optimizer(self.model.parameters(), speed=1)

    def test_a_scheduler_of_the_scripts_own_is_named_and_has_no_effect(self) -> None:
        scheduler = self.torch.optim.lr_scheduler.StepLR(self.optimizer, 1)
        self.assertEqual(self.train(self.batches(4), after_step=scheduler.step), [self.at(0, 0.25, 0.5, 0.75)])
        warnings = [event["message"] for event in self.events() if event["type"] == "warning"]
        self.assertEqual(len(warnings), 1)
        self.assertRegex(warnings[0], "StepLR sets the learning rate between optimizer steps as well; .* has no effect")

    def test_a_scheduler_that_overrides_the_planned_one_is_named_in_the_first_epoch(self) -> None:
        planned = self.run_.lr_scheduler(self.optimizer, 4)
        own = self.torch.optim.lr_scheduler.StepLR(self.optimizer, 1)
        for _ in range(4):
            self.optimizer.step()
            planned.step()
            own.step()
        self.run_.report(1, loss=0.5)
        warnings = [event["message"] for event in self.events() if event["type"] == "warning"]
        self.assertEqual(len(warnings), 1)
        self.assertRegex(warnings[0], "StepLR changed the learning rate after run.lr_scheduler had set it")

    def test_a_script_that_leaves_the_loop_has_stopped_early(self) -> None:
        self.train(self.batches(2), epochs=3)
        self.run_.finish()
        evaluation, finished = self.events()[-2:]
        self.assertEqual((evaluation["metrics"], finished["type"], finished["stoppedAfter"]), ({"dice": 0.5}, "finished", 3))

    def test_an_epoch_that_the_script_does_not_report_is_reported(self) -> None:
        for epoch in self.run_.epochs(self.model, self.optimizer, 1):
            self.optimizer.step()
            if epoch == 1:
                break
        self.assertEqual([event["epoch"] for event in self.events() if event["type"] == "epoch"], [1])

    def test_another_epoch_than_the_one_at_hand_is_refused(self) -> None:
        with self.assertRaisesRegex(ValueError, "epoch is 3; run.epochs is in epoch 1, counted from 1: leave it out"):
            for _ in self.run_.epochs(self.model, self.optimizer, 1):
                self.run_.report(3, loss=0.5)

    def test_what_cannot_be_trained_gets_a_sentence(self) -> None:
        for arguments, sentence in (
            ((None, self.optimizer, 1), "model is 'NoneType'; give a torch.nn.Module"),
            ((self.model, [self.optimizer], 1), "optimizer is 'list'; give one PyTorch optimizer"),
            ((self.model, self.optimizer, 1, "scheduler"), "'scheduler' has no state_dict"),
            ((self.model, self.optimizer, 0), "steps_per_epoch is 0; give a whole number from 1"),
        ):
            with self.assertRaisesRegex((TypeError, ValueError), sentence):
                self.run_.epochs(*arguments)

    def test_a_worker_of_a_data_loader_says_nothing_but_warnings(self) -> None:
        with mock.patch("torch.utils.data.get_worker_info", return_value=object()):
            run = pickle.loads(pickle.dumps(self.run_))
            run.report(1, loss=0.5)
            run.warn("an image is damaged")
        self.assertEqual([event["type"] for event in self.events()], ["warning"])

    def test_a_process_group_goes_before_a_rank_that_leaked_and_stays_known_when_it_is_gone(self) -> None:
        distributed = self.torch.distributed
        store = distributed.FileStore(os.path.join(self.folder, "store"), 1)
        self.write_spec(workers=2)
        with mock.patch.dict(os.environ, {"RANK": "1", "WORLD_SIZE": "2"}):
            run = autopilot.current()
            self.assertEqual(run.rank, 1)
            distributed.init_process_group("gloo", store=store, rank=0, world_size=1)
            self.assertEqual(run.rank, 0)
            distributed.destroy_process_group()
            self.assertEqual(run.rank, 0)
