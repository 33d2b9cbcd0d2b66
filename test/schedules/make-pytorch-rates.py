"""Writes pytorch-rates.json: the rates PyTorch's own schedulers give for the schedules of schedules/.

An independent implementation to test against. Needs PyTorch (Debian: python3-torch) and is run by hand:

    python3 test/schedules/make-pytorch-rates.py

Each case has the spec as schedules/ takes it, steps per epoch, and the rate before each optimizer step.
"""
import json
import math
import os

import torch
from torch.optim import lr_scheduler as schedulers


def rates(lr, steps, make):
    """The rates of `steps` optimizer steps and the one after, starting from an optimizer with rate `lr`."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=lr)
    scheduler = make(optimizer)
    seen = []
    for _ in range(steps + 1):
        seen.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return seen


def joined(*parts):
    """Rates of phases that follow each other: each phase's own scheduler, started at its own first step."""
    seen = []
    for part in parts:
        seen = seen[:-1] + part
    return seen


def case(spec, steps_per_epoch, scheduler, seen):
    assert len(seen) == spec["epochs"] * steps_per_epoch + 1, (spec, len(seen))
    return {"scheduler": scheduler, "spec": spec, "stepsPerEpoch": steps_per_epoch, "rates": seen}


def main():
    k, lr, epochs, n = 18, 0.5, 40, 3
    common = {"workers": k, "epochs": epochs, "initialLr": lr}
    peak, steps = k * lr, epochs * n
    warmup = rates(peak, 5 * n, lambda o: schedulers.LinearLR(o, 1 / k, 1.0, total_iters=5 * n))
    hold = rates(peak, 20 * n, lambda o: schedulers.ConstantLR(o, 1.0, total_iters=1))
    decay = {"warmupEpochs": 5, "decayEpochs": 15, "decayCoefficient": 3}
    cases = []
    for shape, part in (
        ("exponential", rates(peak, 15 * n, lambda o: schedulers.ExponentialLR(o, math.exp(-3 / (15 * n))))),
        ("linear", rates(peak, 15 * n, lambda o: schedulers.LinearLR(o, 1.0, math.exp(-3), total_iters=15 * n))),
    ):
        cases.append(
            case(
                {"policy": "greScale", **common, **decay, "decayShape": shape},
                n,
                "LinearLR, ConstantLR, " + ("ExponentialLR" if shape == "exponential" else "LinearLR"),
                joined(warmup, hold, part),
            )
        )
    cases.append(
        case(
            {"policy": "constant", **common, "scaling": "linear"},
            n,
            "ConstantLR",
            rates(peak, steps, lambda o: schedulers.ConstantLR(o, 1.0, total_iters=1)),
        )
    )
    cases.append(
        case(
            {"policy": "constantWarmup", **common, "warmupEpochs": 5},
            n,
            "ConstantLR",
            rates(peak, steps, lambda o: schedulers.ConstantLR(o, 1 / k, total_iters=5 * n)),
        )
    )
    milestones = [12, 24, 32]
    cases.append(
        case(
            {"policy": "staircase", **common, "milestones": milestones, "factor": 0.1},
            n,
            "MultiStepLR",
            rates(peak, steps, lambda o: schedulers.MultiStepLR(o, [m * n for m in milestones], 0.1)),
        )
    )
    cases.append(
        case(
            {"policy": "gradualWarmup", **common, "warmupEpochs": 5, "milestones": milestones, "factor": 0.1},
            n,
            "LinearLR, MultiStepLR",
            joined(
                warmup,
                rates(peak, 35 * n, lambda o: schedulers.MultiStepLR(o, [(m - 5) * n for m in milestones], 0.1)),
            ),
        )
    )
    cases.append(
        case(
            {"policy": "exponential", **common, "decayCoefficient": 2.5},
            n,
            "ExponentialLR",
            rates(peak, steps, lambda o: schedulers.ExponentialLR(o, math.exp(-2.5 / steps))),
        )
    )
    for power in (1, 2.5):
        # PolynomialLR ends at 0, ours at finalLr: the part above it is compared.
        above = rates(peak - 0.01, steps, lambda o: schedulers.PolynomialLR(o, total_iters=steps, power=power))
        cases.append(
            case(
                {"policy": "polynomial", **common, "power": power, "finalLr": 0.01},
                n,
                "PolynomialLR",
                [0.01 + rate for rate in above],
            )
        )
    cases.append(
        case(
            {"policy": "cosine", **common, "warmupEpochs": 5, "finalLr": 0.02},
            n,
            "LinearLR, CosineAnnealingLR",
            joined(warmup, rates(peak, 35 * n, lambda o: schedulers.CosineAnnealingLR(o, 35 * n, 0.02))),
        )
    )
    cases.append(
        case(
            {"policy": "cyclic", **common, "maximumLr": 9, "cycleEpochs": 8},
            n,
            "CyclicLR",
            rates(0.5, steps, lambda o: schedulers.CyclicLR(o, 0.5, 9, step_size_up=4 * n, cycle_momentum=False)),
        )
    )
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "pytorch-rates.json")
    with open(path, "w") as file:
        json.dump({"torch": torch.__version__, "madeBy": "test/schedules/make-pytorch-rates.py", "cases": cases}, file)
        file.write("\n")
    print("%d cases, torch %s" % (len(cases), torch.__version__))


main()
