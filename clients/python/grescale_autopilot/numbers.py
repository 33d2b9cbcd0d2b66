"""Numbers on the wire: JSON has no NaN and no infinities, so they travel as strings."""

from __future__ import annotations

import math
import operator
from typing import Any, Dict, Mapping, Optional, Union


def to_wire(name: str, value: Any) -> Union[float, int, str]:
    """A Python number, NumPy number or one-element tensor in a form that JSON can represent."""
    try:
        number = float(value)
    except (TypeError, ValueError) as error:
        raise TypeError("%s is %r; give a number." % (name, value)) from error
    if math.isnan(number):
        return "NaN"
    if math.isinf(number):
        return "Infinity" if number > 0 else "-Infinity"
    return number


def metrics_to_wire(metrics: Mapping[str, Any]) -> Dict[str, Union[float, int, str]]:
    """The metrics that were measured: those that are None were not."""
    return {str(name): to_wire(name, value) for name, value in metrics.items() if value is not None}


def classes_to_wire(
    call: str, classes: Optional[Mapping[str, Mapping[str, Any]]]
) -> Optional[Dict[str, Dict[str, Union[float, int, str]]]]:
    """The metrics by class name."""
    if classes is None:
        return None
    if not all(isinstance(each, Mapping) for each in classes.values()):
        raise ValueError('%s: classes is %r; give metrics by class: {"tumour": {"dice": 0.61}}.' % (call, classes))
    return {str(name): metrics_to_wire(each) for name, each in classes.items()}


def whole(name: str, value: Any, lowest: int, hint: str) -> int:
    """A Python or NumPy integer, or a number without a fraction."""
    try:
        number = int(value) if isinstance(value, float) and value.is_integer() else operator.index(value)
    except TypeError:
        number = lowest - 1
    if isinstance(value, bool) or number < lowest:
        raise ValueError("%s is %r; %s" % (name, value, hint))
    return number


def whole_or_none(name: str, value: Optional[Any], lowest: int, hint: str) -> Optional[int]:
    return None if value is None else whole(name, value, lowest, hint)
