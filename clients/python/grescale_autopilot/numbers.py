"""Numbers on the wire: JSON has no NaN and no infinities, so they travel as strings."""

from __future__ import annotations

import math
from typing import Any, Union


def to_wire(name: str, value: Any) -> Union[float, int, str]:
    """A Python, NumPy or one-element tensor number as JSON can carry it."""
    try:
        number = float(value)
    except (TypeError, ValueError) as error:
        raise TypeError("%s is %r; give a number." % (name, value)) from error
    if math.isnan(number):
        return "NaN"
    if math.isinf(number):
        return "Infinity" if number > 0 else "-Infinity"
    return number
