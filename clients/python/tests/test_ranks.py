import os
import pickle
import subprocess
import sys
from unittest import mock

import grescale_autopilot as autopilot
from grescale_autopilot.ranks import detect_rank

from .run_directory import RunDirectoryTest

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(autopilot.__file__)))


class RankTest(RunDirectoryTest):
    def test_is_found_whoever_started_the_process(self) -> None:
        for name in ("RANK", "OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK", "MV2_COMM_WORLD_RANK", "SLURM_PROCID"):
            self.assertEqual(detect_rank({name: "5"}), 5)
        self.assertIsNone(detect_rank({}))
        self.assertEqual(detect_rank({"RANK": "1", "SLURM_PROCID": "0"}), 1)

    def test_is_one_of_fewer_processes_that_divide_the_workers(self) -> None:
        self.assertEqual(detect_rank({"PMIX_RANK": "3", "RANK": "1", "WORLD_SIZE": "2"}, 4), 1)
        self.assertEqual(detect_rank({"RANK": "1", "WORLD_SIZE": "2", "SLURM_PROCID": "3", "SLURM_NTASKS": "4"}, 4), 3)
        self.assertEqual(detect_rank({"RANK": "2", "WORLD_SIZE": "3", "PMIX_RANK": "0"}, 4), 0)

    def test_is_found_where_lightning_starts_its_own_ranks(self) -> None:
        child = {"LOCAL_RANK": "1", "NODE_RANK": "0", "WORLD_SIZE": "2", "SLURM_PROCID": "0"}
        self.assertEqual(detect_rank(child, 2), 1)
        # Without the number of local ranks it is too high, but not another process's and not 0.
        self.assertGreater(detect_rank({"LOCAL_RANK": "0", "NODE_RANK": "1", "WORLD_SIZE": "4"}) or 0, 0)

    def test_of_another_training_that_this_one_inherited_is_not_taken(self) -> None:
        leaked = {"RANK": "3", "WORLD_SIZE": "8", "OMPI_COMM_WORLD_RANK": "1", "OMPI_COMM_WORLD_SIZE": "2"}
        self.assertEqual(detect_rank(leaked, 2), 1)
        self.assertEqual(detect_rank(leaked, 1), 0)
        self.assertEqual(detect_rank({"RANK": "3"}, 1), 0)

    def test_that_is_no_number_is_refused(self) -> None:
        with self.assertRaisesRegex(ValueError, "RANK is 'first'"):
            detect_rank({"RANK": "first"})

    def test_is_what_the_script_says_where_nobody_else_does(self) -> None:
        run = autopilot.current(rank=2)
        run.report(1, loss=1.0)
        self.assertEqual((run.rank, self.events()), (2, []))

    def test_is_decided_when_it_is_needed(self) -> None:
        run = autopilot.current()
        with mock.patch.dict(os.environ, {"RANK": "3", "WORLD_SIZE": "4"}):
            run.report(1, loss=1.0)
            self.assertEqual((run.rank, self.events(beats=True)), (3, []))

    def test_a_run_can_be_passed_to_another_process(self) -> None:
        run = pickle.loads(pickle.dumps(autopilot.current()))
        self.assertEqual((run.seed, run.workers, run.epochs, run.active), (7, 4, 8, True))
        run.report(1, loss=1.0)
        self.assertEqual([event["type"] for event in self.events()], ["started", "epoch"])

    def test_a_process_of_several_that_nobody_numbered_says_nothing_before_it_has_a_rank(self) -> None:
        script = (
            "import multiprocessing, os, grescale_autopilot as a\n"
            "def train(run, rank):\n"
            "    run.start(optimizers=['sgd'])\n"
            "    os.environ.update(RANK=str(rank), WORLD_SIZE='4')\n"
            "    run.report(1, loss=1.0)\n"
            "if __name__ == '__main__':\n"
            "    run, spawn = a.current(), multiprocessing.get_context('spawn')\n"
            "    each = [spawn.Process(target=train, args=(run, rank)) for rank in (1, 0, 2)]\n"
            "    [one.start() for one in each]; [one.join() for one in each]\n"
            "    assert [one.exitcode for one in each] == [0, 0, 0]\n"
        )
        path = os.path.join(self.folder, "script.py")
        with open(path, "w", encoding="utf-8") as file:
            file.write(script)
        subprocess.run([sys.executable, path], env={**os.environ, "PYTHONPATH": ROOT}, check=True)
        self.assertEqual([event["type"] for event in self.events()], ["started", "epoch"])
