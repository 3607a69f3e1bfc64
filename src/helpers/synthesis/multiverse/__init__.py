"""Every defensible way to carry out one synthesis, and what each would conclude.

Steegen 2016, doi:10.1177/1745691616658637; in meta-analysis Voracek 2019, doi:10.1027/2151-2604/a000357.
"""

from helpers.synthesis.multiverse.specifications import (
    CONCLUSIONS,
    Variant,
    distinct,
    flips,
    multiverse,
    own_conclusion,
    shares,
)
from helpers.synthesis.multiverse.variants import all_variants, variants

__all__ = [
    "CONCLUSIONS",
    "Variant",
    "all_variants",
    "distinct",
    "flips",
    "multiverse",
    "own_conclusion",
    "shares",
    "variants",
]
