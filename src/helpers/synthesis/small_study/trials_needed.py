"""How many trials a method needs before its answer means anything."""

TEN = 10  # Cochrane Handbook, chapter 13: with fewer, tests of asymmetry can not tell chance from a real one


def refuse_too_few(k: int, minimum_k: int, purpose: str, least: int = 3) -> None:
    """Raise ValueError for k below minimum_k, or for a minimum_k below what the arithmetic needs."""
    if minimum_k < least:
        raise ValueError(
            f"minimum_k: must be at least {least}, which the arithmetic of {purpose} needs, got {minimum_k}"
        )
    if k < minimum_k:
        raise ValueError(
            f"yi: {purpose} needs at least {minimum_k} trials to mean anything, got {k}"
            " (Cochrane Handbook, chapter 13; minimum_k lowers the limit)"
        )
