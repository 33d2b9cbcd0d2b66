import json
import os
from unittest import mock

import grescale_autopilot as autopilot

from .run_directory import RunDirectoryTest


class CheckpointTest(RunDirectoryTest):
    def path(self, step: int) -> str:
        return os.path.join(self.folder, "checkpoints", "step-%09d.checkpoint" % step)

    def write(self, *steps: int) -> autopilot.Run:
        run = autopilot.current()
        for step in steps:
            run.checkpoint(b"weights of step %d" % step, step=step, epoch=step / 10)
        return run

    def test_is_announced_with_hash_and_size_and_the_last_two_are_kept(self) -> None:
        self.write(10, 20, 30)
        names = sorted(os.listdir(os.path.join(self.folder, "checkpoints")))
        self.assertEqual(
            names,
            [
                "step-000000020.checkpoint",
                "step-000000020.json",
                "step-000000030.checkpoint",
                "step-000000030.json",
            ],
        )
        event = self.events()[-1]
        self.assertEqual(event["path"], "checkpoints/step-000000030.checkpoint")
        self.assertEqual((event["step"], event["epoch"], event["bytes"]), (30, 3.0, 18))
        self.assertEqual(len(event["sha256"]), 64)

    def test_may_be_written_by_a_function(self) -> None:
        def save(path: str) -> None:
            with open(path, "w") as file:
                file.write("saved")

        found = autopilot.current().checkpoint(save, step=1)
        assert found is not None
        with open(found) as file:
            self.assertEqual(file.read(), "saved")

    def test_a_run_that_starts_afresh_resumes_from_nothing(self) -> None:
        self.write(10)
        self.write_spec(attempt=3)
        self.assertIsNone(autopilot.current().resume_from())

    def test_a_restart_within_the_attempt_goes_on_from_its_own_newest(self) -> None:
        self.write(10, 20)
        found = autopilot.current().resume_from()
        assert found is not None
        self.assertEqual((found.step, found.epoch), (20, 2.0))

    def test_the_next_attempt_gets_the_checkpoint_it_is_told(self) -> None:
        self.write(10, 20)
        self.write_spec(attempt=3, resumeFrom="checkpoints/step-000000020.checkpoint")
        found = autopilot.current().resume_from()
        assert found is not None
        self.assertEqual((found.step, found.attempt), (20, 2))

    def test_one_of_another_run_is_never_taken_and_named(self) -> None:
        self.write(10, 20)
        for changes in ({}, {"attempt": 3}, {"attempt": 3, "resumeFrom": self.path(20)}):
            self.write_spec(runId="run-2", **changes)
            self.assertIsNone(autopilot.current().resume_from())
            self.assertRegex(self.events()[-1]["message"], "belongs to the run run-1, not to run-2")

    def test_one_of_an_attempt_with_another_secret_is_taken_only_where_autopilot_names_it(self) -> None:
        self.write(10)
        with mock.patch.dict(os.environ, {"AUTOPILOT_SECRET": "of another launch"}):
            self.assertIsNone(autopilot.current().resume_from())
            self.write_spec(resumeFrom=self.path(10))
            self.assertIsNotNone(autopilot.current().resume_from())

    def test_one_that_an_earlier_client_wrote_is_taken_where_autopilot_names_it(self) -> None:
        self.write(10, 20)
        for step in (10, 20):
            record = self.path(step).replace(".checkpoint", ".json")
            with open(record, encoding="utf-8") as file:
                fields = json.load(file)
            with open(record, "w", encoding="utf-8") as file:
                json.dump({name: fields[name] for name in ("step", "epoch", "attempt", "sha256", "bytes")}, file)
        self.assertIsNone(autopilot.current().resume_from())
        self.write_spec(attempt=3, resumeFrom=self.path(20))
        found = autopilot.current().resume_from()
        assert found is not None
        self.assertEqual(found.step, 20)

    def test_a_damaged_checkpoint_is_passed_over_for_the_one_before(self) -> None:
        for damage in (b"weights of step 21", b"short"):
            self.write(10, 20)
            with open(self.path(20), "wb") as file:
                file.write(damage)
            self.write_spec(attempt=3, resumeFrom=self.path(20))
            found = autopilot.current().resume_from()
            assert found is not None
            self.assertEqual(found.step, 10)
            self.assertIn("Checkpoint ignored", self.events()[-1]["message"])
            self.write_spec()

    def test_when_none_is_whole_the_training_starts_afresh(self) -> None:
        self.write(20)
        os.remove(self.path(20))
        self.write_spec(attempt=3, resumeFrom=self.path(20))
        self.assertIsNone(autopilot.current().resume_from())

    def test_a_save_that_fails_leaves_the_old_ones_alone(self) -> None:
        run = self.write(10)

        def save(path: str) -> None:
            with open(path, "w") as file:
                file.write("half")
            raise OSError("disk full")

        with self.assertRaisesRegex(OSError, "disk full"):
            run.checkpoint(save, step=20)
        found = run.resume_from()
        assert found is not None
        self.assertEqual(found.step, 10)
