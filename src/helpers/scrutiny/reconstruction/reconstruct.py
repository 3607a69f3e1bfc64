"""Rebuild the data sets behind a printed mean and SD: all of them where they can be listed, else a sample."""

from __future__ import annotations

from fractions import Fraction

from helpers.scrutiny.printed_number import Printed
from helpers.scrutiny.reconstruction.closure import AT_MOST, TooManyDataSets, list_all
from helpers.scrutiny.reconstruction.result import Reconstruction
from helpers.scrutiny.reconstruction.sprite import sprite
from helpers.scrutiny.reconstruction.targets import Targets
from helpers.scrutiny.reconstruction.uniform import draw_from
from helpers.scrutiny.reconstruction.ways import TableTooLarge, Ways


def reconstruct(
    mean: str | Printed,
    sd: str | Printed,
    n: int,
    minimum: str | int | Fraction,
    maximum: str | int | Fraction,
    *,
    step: str | int | Fraction = 1,
    rounding: str = "either",
    at_most: int = AT_MOST,
    draws: int = 10_000,
    seed: int = 1,
) -> Reconstruction:
    """The data sets of n values minimum, minimum + step, ..., maximum whose mean and sample SD (n - 1) print like this.

    All of them where there are not more than `at_most` (CLOSURE); otherwise `draws` of them, each equally likely at each
    draw; and where even counting takes too much memory, as many of `draws` as a search finds (SPRITE). `complete` and
    `total` of the result say which. Raises ValueError as `Targets.of` does.
    """
    targets = Targets.of(mean, sd, n, minimum, maximum, step=step, rounding=rounding)
    try:
        ways = Ways(targets)
        return list_all(ways, at_most)
    except TooManyDataSets:
        return draw_from(ways, draws, seed)
    except TableTooLarge:
        return sprite(targets, draws, seed=seed)
