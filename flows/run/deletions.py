"""How many deletions at once are believed: beyond that a fault of the source is more likely than the truth."""

ALWAYS_BELIEVED = 10
"""However few there are in all."""


def most_believed(stored: int, share: float) -> int:
    """How many of `stored` records may be gone at once; `share` is the setting LIMITE_EXCLUSAO."""
    return max(ALWAYS_BELIEVED, int(stored * share))
