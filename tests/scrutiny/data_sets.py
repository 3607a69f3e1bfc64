"""Data sets, and how their mean and SD are printed: in exact arithmetic, so that a test has its own judge."""

from decimal import ROUND_HALF_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from itertools import combinations_with_replacement

DECIMAL_ROUNDINGS = {"up": ROUND_HALF_UP, "down": ROUND_HALF_DOWN, "even": ROUND_HALF_EVEN}
PRECISE = Context(prec=60)


def variance(values):
    """The sample variance, as a fraction."""
    n, mean = len(values), Fraction(sum(values)) / len(values)
    return sum((value - mean) ** 2 for value in values) / (n - 1)


def printed(value, decimals, rounding):
    """A fraction as it is printed."""
    return _text(PRECISE.divide(value.numerator, value.denominator), decimals, rounding)


def printed_root(square, decimals, rounding):
    """The root of a fraction as it is printed; 60 digits settle every half, as a root that is a half is rational."""
    root = PRECISE.sqrt(PRECISE.divide(square.numerator, square.denominator))
    if (near := root.quantize(Decimal(1).scaleb(-30), context=PRECISE)) and Fraction(near) ** 2 == square:
        root = near
    return _text(root, decimals, rounding)


def multisets(n, levels):
    """Every data set of n values from `levels`, but for the order."""
    return combinations_with_replacement(levels, n)


def _text(value, decimals, rounding):
    rounded = value.quantize(Decimal(1).scaleb(-decimals), DECIMAL_ROUNDINGS[rounding], context=PRECISE)
    return f"{abs(rounded) if rounded == 0 else rounded:f}"
