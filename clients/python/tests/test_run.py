import argparse
import json
import os
import pickle
import subprocess
import sys
from typing import List
from unittest import mock

import grescale_autopilot as autopilot
from grescale_autopilot.schedules import schedule_from

from .run_directory import SPEC, RunDirectoryTest


class RunTest(RunDirectoryTest):
    def test_has_what_run_json_says(self) -> None:
        run = autopilot.current(epochs=99, seed=99)
        self.assertEqual((run.active, run.seed, run.workers, run.batch_per_worker, run.epochs), (True, 7, 4, 3, 8))
        self.assertEqual(run.setting.optimizer, "momentum")
        self.assertEqual(run.checkpoint_every, 2)
        self.assertEqual([run.lr_at(0), run.lr_at(3), run.lr_at(4)], [0.1, 0.4, 0.4])

    def test_rank_0_reports_and_each_line_has_the_attempt(self) -> None:
        with autopilot.current() as run:
            run.start(optimizers=["sgd", "adam"])
            run.report(1, loss=0.7, dice=0.5, classes={"liver": {"dice": 0.9}, "tumour": {"dice": None}})
            run.report(2, loss=float("nan"), dice=float("-inf"))
            run.evaluate(dice=0.61, meanIoU=0.5)
        started, first, second, evaluation, finished = self.events()
        self.assertEqual({event["attempt"] for event in self.events(beats=True)}, {2})
        self.assertEqual(started["capabilities"], {"optimizers": ["sgd", "adam"]})
        self.assertEqual((first["epoch"], first["loss"], first["phase"]), (1, 0.7, "warmup"))
        self.assertEqual((first["metrics"], first["classes"]), ({"dice": 0.5}, {"liver": {"dice": 0.9}, "tumour": {}}))
        self.assertEqual((second["loss"], second["metrics"]["dice"]), ("NaN", "-Infinity"))
        self.assertEqual(evaluation["metrics"], {"dice": 0.61, "meanIoU": 0.5})
        self.assertEqual((started["type"], evaluation["split"], finished["type"]), ("started", "test", "finished"))

    def test_evaluates_the_parts_it_was_asked_for_class_by_class(self) -> None:
        with autopilot.current() as run:
            self.assertEqual(run.parts, ["test"])
            run.evaluate("validation", dice=0.5, classes={"liver": {"dice": 1.0}, "tumour": {"dice": float("nan")}})
            with self.assertRaisesRegex(ValueError, "metrics by class"):
                run.evaluate(dice=0.5, classes={"liver": 1.0})  # type: ignore[dict-item]
        evaluation = self.events()[1]
        self.assertEqual(evaluation["split"], "validation")
        self.assertEqual(evaluation["classes"], {"liver": {"dice": 1.0}, "tumour": {"dice": "NaN"}})

    def test_says_what_a_metric_means_and_what_a_network_that_learned_nothing_reaches(self) -> None:
        with autopilot.current() as run:
            with self.assertRaisesRegex(ValueError, "which values are better"):
                run.start(metrics={"my_score": {"direction": "up"}})
            run.start(metrics={"my_score": {"direction": "higher", "bounds": [0, None]}})
            run.evaluate(my_score=3.5, trivial={"my_score": 1.25})
        started, evaluation = self.events()[:2]
        self.assertEqual(started["metrics"], {"my_score": {"direction": "higher", "bounds": [0, None]}})
        self.assertEqual((evaluation["metrics"], evaluation["trivial"]), ({"my_score": 3.5}, {"my_score": 1.25}))

    def test_other_ranks_only_beat(self) -> None:
        with mock.patch.dict(os.environ, {"OMPI_COMM_WORLD_RANK": "3"}):
            with autopilot.current() as run:
                run.report(1, loss=1.0, dice=0.5)
                self.assertIsNone(run.checkpoint(b"weights", step=1))
        self.assertEqual(self.events(), [])
        # Several hosts that append to one file lose lines: only rank 0 writes to it.
        self.assertEqual(self.events(beats=True), [])

    def test_beats_are_thinned_out_and_name_the_last_step(self) -> None:
        run = autopilot.current()
        with mock.patch("grescale_autopilot.heartbeats.time.monotonic", side_effect=[10.0, 10.5, 11.5]):
            for step in (1, 2, 3):
                run.heartbeat(step)
        self.assertEqual([beat["step"] for beat in self.events(beats=True)], [1, 3])

    def test_an_exception_is_reported_with_its_reason(self) -> None:
        with self.assertRaises(ZeroDivisionError):
            with autopilot.current() as run:
                run.start()
                run.report(1, loss=1 / 0)
        self.assertEqual(self.events()[-1]["type"], "failed")
        self.assertIn("ZeroDivisionError: division by zero", self.events()[-1]["reason"])

    def test_after_divergence_nothing_more_is_claimed(self) -> None:
        with autopilot.current() as run:
            run.diverged("loss is NaN", epoch=2)
        self.assertEqual([event["type"] for event in self.events()], ["started", "diverged"])

    def test_a_stop_request_is_seen_and_the_run_is_not_called_finished(self) -> None:
        with autopilot.current() as run:
            run.start()
            self.assertFalse(run.should_stop())
            open(os.path.join(self.folder, "stop"), "w").close()
            self.assertTrue(run.should_stop())
        self.assertEqual([event["type"] for event in self.events()], ["started"])

    def test_rank_0_decides_for_all_when_to_stop(self) -> None:
        open(os.path.join(self.folder, "stop"), "w").close()
        self.assertFalse(autopilot.current().should_stop(agree=lambda mine: False))

    def test_epochs_count_from_1(self) -> None:
        with self.assertRaisesRegex(ValueError, "counted from 1"):
            autopilot.current().report(0, loss=1.0)

    def test_numpy_integers_are_numbers_and_a_metric_that_was_not_measured_is_left_out(self) -> None:
        class Three:
            def __index__(self) -> int:
                return 3

        run = autopilot.current()
        run.report(Three(), loss=1.0, step=Three(), dice=None, iou=0.5)  # type: ignore[arg-type]
        event = self.events()[-1]
        self.assertEqual((event["epoch"], event["step"], event["metrics"]), (3, 3, {"iou": 0.5}))

    def test_a_metric_called_step_gets_a_sentence(self) -> None:
        with self.assertRaisesRegex(ValueError, "step is 0.5; it is the optimizer steps made so far"):
            autopilot.current().report(1, **{"dice": 0.5, "step": 0.5})  # type: ignore[arg-type]

    def test_the_last_epochs_metrics_are_the_evaluation_of_a_script_that_makes_none(self) -> None:
        self.write_spec(evaluate=["validation", "test"], epochs=2)
        with autopilot.current() as run:
            run.report(loss=1.0, dice=0.5)
            run.report(loss=1.0, dice=0.6)
            run.evaluate("test", dice=0.4)
        evaluations = [event for event in self.events() if event["type"] == "evaluation"]
        self.assertEqual(
            [(each["split"], each["metrics"]) for each in evaluations],
            [("test", {"dice": 0.4}), ("validation", {"dice": 0.6})],
        )

    def test_the_same_numbers_of_data_that_are_named_are_those_of_two_parts(self) -> None:
        self.assertEqual(self.evaluated("test", dice=0.6, recall=1.0), ["test", "validation"])
        self.assertEqual(self.evaluated(dice=0.6, recall=1.0), ["test"])
        self.assertEqual(self.evaluated(dice=0.4, recall=1.0), ["test", "validation"])

    def evaluated(self, *split: str, **metrics: float) -> List[str]:
        """The parts evaluated if the last epoch reports a dice of 0.6 and a recall of 1."""
        self.write_spec(evaluate=["validation", "test"], epochs=1)
        before = len(self.events())
        with autopilot.current() as run:
            run.report(loss=1.0, dice=0.6, recall=1.0)
            run.evaluate(*split, **metrics)  # type: ignore[arg-type]
        return [event["split"] for event in self.events()[before:] if event["type"] == "evaluation"]

    def test_metrics_of_an_earlier_epoch_are_no_evaluation(self) -> None:
        with autopilot.current() as run:
            run.report(7, loss=1.0, dice=0.5)
            run.report(8, loss=1.0)
        self.assertEqual([event["type"] for event in self.events()], ["started", "epoch", "epoch", "finished"])

    def test_a_script_that_exits_with_0_has_stopped_early_and_is_finished(self) -> None:
        with self.assertRaises(SystemExit):
            with autopilot.current() as run:
                run.report(1, loss=1.0, dice=0.5)
                sys.exit(0)
        self.assertEqual(self.events()[-2]["metrics"], {"dice": 0.5})
        self.assertEqual((self.events()[-1]["type"], self.events()[-1]["stoppedAfter"]), ("finished", 1))

    def test_a_script_that_exits_with_3_is_not_finished(self) -> None:
        with self.assertRaises(SystemExit):
            with autopilot.current() as run:
                run.report(1, loss=1.0, dice=0.5)
                sys.exit(3)
        self.assertEqual([event["type"] for event in self.events()], ["started", "epoch"])

    def test_after_a_stop_request_nothing_is_evaluated(self) -> None:
        open(os.path.join(self.folder, "stop"), "w").close()
        with autopilot.current() as run:
            run.report(1, loss=1.0, dice=0.5)
            run.should_stop()
            run.evaluate(dice=0.5)
        self.assertEqual([event["type"] for event in self.events()], ["started", "epoch"])

    def test_epochs_is_a_number_as_any_other(self) -> None:
        run = autopilot.current()
        self.assertEqual((run.epochs, list(range(run.epochs))[-1], "%d" % run.epochs), (8, 7, "8"))
        self.assertEqual(json.dumps({"epochs": run.epochs}), '{"epochs": 8}')
        self.assertIs(type(pickle.loads(pickle.dumps(run.epochs))), int)

    def test_takes_the_place_of_the_scripts_own_arguments(self) -> None:
        arguments = argparse.Namespace(epochs=1, learning_rate=0.5, batch_size=64, seed=1, data="/data")
        autopilot.current(arguments)
        self.assertEqual(vars(arguments), {"epochs": 8, "learning_rate": 0.1, "batch_size": 3, "seed": 7, "data": "/data"})
        with self.assertRaisesRegex(TypeError, "give the number of epochs, or the script's arguments"):
            autopilot.current("8")

    def test_a_metric_that_is_no_number_is_refused_by_name(self) -> None:
        with self.assertRaisesRegex(TypeError, "dice is 'high'"):
            autopilot.current().report(1, loss=1.0, dice="high")

    def test_a_torn_line_of_an_earlier_process_is_ended_first(self) -> None:
        path = os.path.join(self.folder, "events.ndjson")
        with open(path, "w", encoding="utf-8") as file:
            file.write('{"type":"epo')
        autopilot.current().warn("hello")
        with open(path, encoding="utf-8") as file:
            lines = file.read().split("\n")
        self.assertEqual(lines[0], '{"type":"epo')
        self.assertIn('"hello"', lines[1])

    def test_lines_of_many_processes_never_mix(self) -> None:
        script = (
            "import grescale_autopilot as a\n"
            "run = a.current()\n"
            "for i in range(300): run._reporter._events.append('warning', message='x' * 3000)\n"
        )
        root = os.path.dirname(os.path.dirname(os.path.abspath(autopilot.__file__)))
        environment = {**os.environ, "PYTHONPATH": root}
        processes = [subprocess.Popen([sys.executable, "-c", script], env=environment) for _ in range(4)]
        self.assertEqual([process.wait() for process in processes], [0] * 4)
        self.assertEqual(len(self.events()), 1200)

    def test_a_missing_or_foreign_run_json_is_explained(self) -> None:
        self.write_spec(protocol=9)
        with self.assertRaisesRegex(RuntimeError, "protocol 9; this client supports 1"):
            autopilot.current()
        os.remove(os.path.join(self.folder, "run.json"))
        with self.assertRaisesRegex(RuntimeError, "Unset AUTOPILOT_RUN"):
            autopilot.current()


class InertRunTest(RunDirectoryTest):
    def test_without_autopilot_everything_works_and_nothing_is_written(self) -> None:
        del os.environ["AUTOPILOT_RUN"]
        with autopilot.current(epochs=3, initial_lr=0.5, optimizer="adam", seed=4, batch_per_worker=2) as run:
            run.start(optimizers=["adam"])
            self.assertIsNone(run.resume_from())
            self.assertEqual((run.active, run.epochs, run.seed, run.batch_per_worker), (False, 3, 4, 2))
            self.assertEqual((run.setting.optimizer, run.lr_at(0), run.lr_at(2.5)), ("adam", 0.5, 0.5))
            run.report(1, loss=1.0, dice=0.1)
            run.heartbeat(1)
            self.assertIsNone(run.checkpoint(b"weights", step=1))
            self.assertFalse(run.should_stop())
            run.evaluate(dice=0.2)
        self.assertEqual(os.listdir(self.folder), ["run.json"])

    def test_has_the_values_of_the_scripts_own_arguments(self) -> None:
        del os.environ["AUTOPILOT_RUN"]
        arguments = argparse.Namespace(epochs=4, lr=0.5, batch=2, seed=3)
        run = autopilot.current(arguments)
        self.assertEqual((run.epochs, run.setting.initial_lr, run.batch_per_worker, run.seed), (4, 0.5, 2, 3))
        self.assertEqual(list(run.epochs(None, None, None)), [0, 1, 2, 3])
        self.assertEqual(vars(arguments), {"epochs": 4, "lr": 0.5, "batch": 2, "seed": 3})
        with self.assertRaisesRegex(ValueError, "none of epochs, num_epochs"):
            autopilot.current(argparse.Namespace(lr=0.5))


class FakeKeras:
    class callbacks:
        class Callback:
            model = None


class FakeLightning:
    class Callback:
        pass


class CallbackTest(RunDirectoryTest):
    def test_keras_sets_every_batch_and_stops_when_asked(self) -> None:
        with mock.patch.dict(sys.modules, {"keras": FakeKeras}):
            run = autopilot.current()
            callback = run.keras_callback(steps_per_epoch=2)
        callback.model = mock.Mock(stop_training=False)
        callback.model.optimizer = mock.Mock(spec=["learning_rate"], learning_rate=9.0)
        rates = []
        callback.on_train_begin()
        for epoch in (2, 3):
            callback.on_epoch_begin(epoch)
            for batch in (0, 1):
                callback.on_train_batch_begin(batch)
                rates.append(callback.model.optimizer.learning_rate)
                callback.on_train_batch_end(batch)
            if epoch == 3:
                open(os.path.join(self.folder, "stop"), "w").close()
            callback.on_epoch_end(epoch, {"loss": 0.5, "dice": 0.6, "learning_rate": 0.1})
            self.assertEqual(callback.model.stop_training, epoch == 3)
        schedule = schedule_from(SPEC["schedule"])
        # The rate is a plain number here: it has no `assign`.
        self.assertEqual(rates, [schedule(epoch) for epoch in (2, 2.5, 3, 3.5)])
        epoch_events = [event for event in self.events() if event["type"] == "epoch"]
        self.assertEqual([event["epoch"] for event in epoch_events], [3, 4])
        self.assertEqual(epoch_events[0]["metrics"], {"dice": 0.6})
        self.assertEqual(epoch_events[0]["lr"], schedule(2.5))

    def test_lightning_sets_every_batch_and_reports_every_epoch(self) -> None:
        with mock.patch.dict(sys.modules, {"lightning": mock.Mock(), "lightning.pytorch": FakeLightning}):
            run = autopilot.current()
            callback = run.lightning_callback()
        optimizer = mock.Mock(spec=["param_groups", "step"], param_groups=[{"lr": 9.0}, {"lr": 9.0, "lr_scale": 0.1}])
        trainer = mock.Mock(optimizers=[optimizer], current_epoch=1, num_training_batches=4, global_step=6)
        trainer.callback_metrics = {"train_loss": 0.4, "dice": 0.7}
        trainer.should_stop = False
        trainer.save_checkpoint = lambda path: open(path, "w").close()
        callback.on_train_start(trainer, None)
        callback.on_train_batch_start(trainer, None, None, 2)
        rate = schedule_from(SPEC["schedule"])(1.5)
        self.assertEqual([group["lr"] for group in optimizer.param_groups], [rate, rate * 0.1])
        open(os.path.join(self.folder, "stop"), "w").close()
        callback.on_train_epoch_end(trainer, None)
        self.assertTrue(trainer.should_stop)
        event, checkpoint = self.events()[-2:]
        self.assertEqual((event["epoch"], event["loss"], event["metrics"]), (2, 0.4, {"dice": 0.7}))
        self.assertEqual((checkpoint["step"], checkpoint["epoch"]), (6, 2))
