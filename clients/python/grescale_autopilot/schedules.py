"""The learning-rate policies, the same as autopilot's own to 1e-12.

A schedule is a pure function of the fractional epoch e = step / steps_per_epoch, from 0 to the number of epochs E, so
resuming is calling it with the saved step. After E the last rate is held.
"""

from __future__ import annotations

import math
from typing import Any, Callable, Dict, List, Mapping, Tuple

Schedule = Callable[[float], float]
Spec = Mapping[str, Any]


def schedule_from(spec: Spec) -> Schedule:
    """The schedule that a `schedule` section of `run.json` describes."""
    policy = spec.get("policy")
    make = _POLICIES.get(str(policy))
    if make is None:
        raise ValueError("schedule: policy is %r; give one of %s." % (policy, ", ".join(_POLICIES)))
    rate = make(spec)
    epochs = spec["epochs"]

    def schedule(epoch: float) -> float:
        if not epoch >= 0:
            raise ValueError("schedule: epoch is %r; give a number from 0 to %s." % (epoch, epochs))
        return rate(min(epoch, epochs))

    return schedule


def phase_at(spec: Spec, epoch: float) -> str:
    """`warmup`, `stabilization` or `decay`."""
    warmup_to, decay_from = _borders(spec)
    spans = [
        ("warmup", 0, warmup_to),
        ("stabilization", warmup_to, decay_from),
        ("decay", decay_from, spec["epochs"]),
    ]
    present = [span for span in spans if span[1] < span[2]]
    for phase, _, end in present:
        if epoch < end:
            return phase
    return present[-1][0]


def _borders(spec: Spec) -> Tuple[float, float]:
    policy, epochs = spec["policy"], spec["epochs"]
    if policy == "greScale":
        return spec["warmupEpochs"], max(spec["warmupEpochs"], epochs - spec["decayEpochs"])
    if policy == "constantWarmup":
        return spec["warmupEpochs"], epochs
    if policy == "gradualWarmup":
        return spec["warmupEpochs"], (list(spec["milestones"]) + [epochs])[0]
    if policy == "cosine":
        return spec["warmupEpochs"], spec["warmupEpochs"]
    if policy == "staircase":
        return 0, (list(spec["milestones"]) + [epochs])[0]
    if policy in ("exponential", "polynomial"):
        return 0, 0
    return 0, epochs


def _peak(spec: Spec) -> float:
    return spec["workers"] * spec["initialLr"]


def _ramp(spec: Spec) -> Schedule:
    low, peak, epochs = spec["initialLr"], _peak(spec), spec["warmupEpochs"]
    return lambda e: min(peak, low + (peak - low) * (e / epochs))


def _steps(spec: Spec) -> Schedule:
    milestones: List[float] = list(spec["milestones"])
    return lambda e: spec["factor"] ** sum(1 for milestone in milestones if e >= milestone)


def _decay_shape(shape: str, coefficient: float) -> Schedule:
    if shape == "exponential":
        return lambda t: math.exp(-coefficient * t)
    if shape == "inverse":
        growth = math.expm1(coefficient)
        return lambda t: 1 / (1 + growth * t)
    if shape not in ("linear", "polynomial"):
        raise ValueError("schedule: decayShape is %r; give exponential, linear, inverse or polynomial." % shape)
    power = 1 if shape == "linear" else 2
    end = math.exp(-coefficient / power)
    return lambda t: (1 - t + end * t) ** power


def _gre_scale(spec: Spec) -> Schedule:
    warmup, decay, peak = spec["warmupEpochs"], spec["decayEpochs"], _peak(spec)
    decay_from = spec["epochs"] - decay
    rise, fall = _ramp(spec), _decay_shape(spec["decayShape"], spec["decayCoefficient"])

    def rate(e: float) -> float:
        if e < warmup:
            return rise(e)
        if e >= spec["epochs"] and decay > 0:
            return peak * fall(1)
        if e > decay_from:
            return peak * fall(min(1, (e - decay_from) / decay))
        return peak

    return rate


def _constant(spec: Spec) -> Schedule:
    workers = spec["workers"]
    factor = {"none": 1.0, "linear": workers, "squareRoot": math.sqrt(workers)}[spec["scaling"]]
    rate = factor * spec["initialLr"]
    return lambda e: rate


def _constant_warmup(spec: Spec) -> Schedule:
    return lambda e: spec["initialLr"] if e < spec["warmupEpochs"] else _peak(spec)


def _gradual_warmup(spec: Spec) -> Schedule:
    rise, stairs = _ramp(spec), _steps(spec)
    return lambda e: rise(e) if e < spec["warmupEpochs"] else _peak(spec) * stairs(e)


def _exponential(spec: Spec) -> Schedule:
    return lambda e: _peak(spec) * math.exp(-spec["decayCoefficient"] * (e / spec["epochs"]))


def _polynomial(spec: Spec) -> Schedule:
    peak, final = _peak(spec), spec["finalLr"]
    return lambda e: final + (peak - final) * (1 - e / spec["epochs"]) ** spec["power"]


def _staircase(spec: Spec) -> Schedule:
    stairs = _steps(spec)
    return lambda e: _peak(spec) * stairs(e)


def _cosine(spec: Spec) -> Schedule:
    rise, peak, final, warmup = _ramp(spec), _peak(spec), spec["finalLr"], spec["warmupEpochs"]
    length = spec["epochs"] - warmup

    def rate(e: float) -> float:
        if e < warmup:
            return rise(e)
        if length == 0:
            return peak
        return final + (peak - final) * 0.5 * (1 + math.cos(math.pi * (e - warmup) / length))

    return rate


def _cyclic(spec: Spec) -> Schedule:
    low, high, cycle = spec["initialLr"], spec["maximumLr"], spec["cycleEpochs"]
    return lambda e: low + (high - low) * (1 - abs(2 * (math.fmod(e, cycle) / cycle) - 1))


_POLICIES: Dict[str, Callable[[Spec], Schedule]] = {
    "greScale": _gre_scale,
    "constant": _constant,
    "constantWarmup": _constant_warmup,
    "gradualWarmup": _gradual_warmup,
    "exponential": _exponential,
    "polynomial": _polynomial,
    "staircase": _staircase,
    "cosine": _cosine,
    "cyclic": _cyclic,
}
