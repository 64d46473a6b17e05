"""A document that its source does not let us read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Unreadable:
    """A document that cannot be read, because it or a record that it refers to cannot.

    Attributes:
        id: the document's.
        reason: in the operators' words: model, id and field of what cannot be read, and why.
        known: what could be read of the document itself, by our names.
        number: by which people know the document; None if that is unknown, too.
    """

    id: int
    reason: str
    known: Mapping[str, Any] = field(default_factory=dict)
    number: str | None = None
