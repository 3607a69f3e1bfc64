"""Many numbers as they were printed: digits as arrays, so that a million of them can be checked at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from helpers.scrutiny.printed_number import Printed

IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class PrintedNumbers:
    """Numbers scaled / 10**decimals, each printed with `decimals` digits after the point.

    scaled: whole numbers of any shape; decimals: of the same shape, or one for all.
    """

    scaled: IntArray
    decimals: IntArray

    def __post_init__(self) -> None:
        """Raises ValueError for what is not whole, and for negative decimals."""
        object.__setattr__(self, "scaled", whole("scaled", self.scaled))
        object.__setattr__(self, "decimals", whole("decimals", self.decimals, least=0))

    @classmethod
    def read(cls, name: str, printed: PrintedNumbers | Printed | ArrayLike) -> PrintedNumbers:
        """Text as printed, one or many. Raises ValueError with `name` for numbers, which have lost their trailing zeros."""
        if isinstance(printed, PrintedNumbers):
            return printed
        texts = np.asarray(printed, dtype=object)
        position, different = pd.factorize(texts.ravel(), use_na_sentinel=False)
        parsed = [_plain(name, each) for each in different]
        columns = np.array([(each.scaled, each.decimals) for each in parsed], dtype=np.int64).reshape(-1, 2)
        scaled, decimals = columns[position].T
        return cls(scaled.reshape(texts.shape), decimals.reshape(texts.shape))


def whole(name: str, values: ArrayLike, least: int | None = None) -> IntArray:
    """The values as whole numbers. Raises ValueError for others, and for those below `least`."""
    array = np.asarray(values)
    if array.dtype.kind not in "iu":
        try:
            with np.errstate(invalid="ignore"):
                whole_numbers = array.astype(np.int64)
            fits = bool((whole_numbers == array).all())
        except (TypeError, ValueError, OverflowError):
            fits = False
        if not fits:
            raise ValueError(f"{name}: must be whole numbers, got {values!r}")
        array = whole_numbers
    if least is not None and array.size and array.min() < least:
        position = tuple(int(i) for i in np.argwhere(array < least)[0])
        where = f"[{', '.join(map(str, position))}]" if position else ""
        raise ValueError(f"{name}{where}: must be at least {least}, got {array[position]}")
    return array.astype(np.int64)


def _plain(name: str, text: object) -> Printed:
    printed = text if isinstance(text, Printed) else None
    if isinstance(text, str):
        try:
            printed = Printed.parse(text)
        except ValueError as unreadable:
            raise ValueError(f"{name}: {unreadable}") from None
    if printed is None or printed.qualifier:
        raise ValueError(f"{name}: must be text as printed, such as '5.30', and without a sign like <; got {text!r}")
    return printed
