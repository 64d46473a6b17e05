"""How many records may be gone from the source at once; if more are, a fault of the source is more likely."""

ALWAYS_BELIEVED = 10
"""So many may be gone, however few are stored."""


def most_believed(stored: int, share: float) -> int:
    """How many may be gone at once of so many `stored` records; `share` is the setting LIMITE_EXCLUSAO."""
    return max(ALWAYS_BELIEVED, int(stored * share))
