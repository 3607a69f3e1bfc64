"""Refusal of impossible input: a ValueError that names the argument and the position."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]


def numbers(**values: ArrayLike) -> tuple[FloatArray, ...]:
    """The named arguments as finite float arrays of one shape; scalars are repeated.

    Raises ValueError for text, nan or infinity, and for lengths that do not fit each other.
    """
    arrays = {}
    for name, value in values.items():
        try:
            arrays[name] = np.asarray(value, dtype=float)
        except (TypeError, ValueError):
            raise ValueError(f"{name}: must be numbers, got {value!r}") from None
        require(np.isfinite(arrays[name]), name, arrays[name], "must be a finite number")
    try:
        return tuple(np.broadcast_arrays(*arrays.values()))
    except ValueError:
        lengths = ", ".join(f"{name} {array.shape}" for name, array in arrays.items())
        raise ValueError(f"the arguments differ in length: {lengths}") from None


def require(allowed: ArrayLike, name: str, values: ArrayLike, rule: str) -> None:
    """Raise ValueError for the first value that is not allowed, e.g. `n1i[2]: must be positive, got 0`."""
    allowed, values = np.broadcast_arrays(np.asarray(allowed), np.asarray(values))
    if allowed.all():
        return
    position = tuple(int(i) for i in np.argwhere(~allowed)[0])
    where = f"[{', '.join(map(str, position))}]" if position else ""
    raise ValueError(f"{name}{where}: {rule}, got {values[position]:g}")


def positive(**values: FloatArray) -> None:
    for name, array in values.items():
        require(array > 0, name, array, "must be positive")


def not_negative(**values: FloatArray) -> None:
    for name, array in values.items():
        require(array >= 0, name, array, "must not be negative")


def sample_size(least: int, **values: FloatArray) -> None:
    for name, array in values.items():
        require(array >= least, name, array, f"must be at least {least}")


def events_of(n_name: str, n: FloatArray, **events: FloatArray) -> None:
    """Refuse n below 1 and events outside 0..n."""
    sample_size(1, **{n_name: n})
    not_negative(**events)
    for name, array in events.items():
        require(array <= n, name, array, f"must not exceed {n_name}")


def check_level(level: float) -> None:
    if not 0 < level < 1:
        raise ValueError(f"level: must lie between 0 and 1, got {level!r}")


def check_choice(name: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise ValueError(f"{name}: must be one of {', '.join(choices)}, got {value!r}")
