import json
import os
import unittest

from grescale_autopilot import phase_at, schedule_from

REPOSITORY = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..")
VECTORS = os.path.join(REPOSITORY, "test", "fixtures", "schedule-vectors.json")


class SchedulesTest(unittest.TestCase):
    def test_give_the_shared_vectors_to_1e_12(self) -> None:
        with open(VECTORS, encoding="utf-8") as file:
            vectors = json.load(file)["vectors"]
        self.assertGreater(len(vectors), 100)
        for vector in vectors:
            schedule = schedule_from(vector["spec"])
            for epoch, rate in zip(vector["epochs"], vector["rates"]):
                self.assertLess(abs(schedule(epoch) / rate - 1), 1e-12, (vector["spec"], epoch))
            phases = [phase_at(vector["spec"], epoch) for epoch in vector["epochs"]]
            self.assertEqual(phases, vector["phases"], vector["spec"])

    def test_an_unknown_policy_is_refused_by_name(self) -> None:
        with self.assertRaisesRegex(ValueError, "'expo'; give one of greScale, constant"):
            schedule_from({"policy": "expo"})

    def test_there_is_no_rate_before_the_first_epoch(self) -> None:
        schedule = schedule_from(
            {"policy": "constant", "workers": 1, "epochs": 2, "initialLr": 0.1, "scaling": "none"}
        )
        with self.assertRaisesRegex(ValueError, "epoch is -1"):
            schedule(-1)
