"""What a mapping may look at besides the document."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flows.settings import Settings


@dataclass(frozen=True)
class Context:
    """What a batch is mapped with.

    Attributes:
        settings: of the run.
        known: what the entity's lookups found in the database, by the lookup's name: a mapping from key to value.
    """

    settings: Settings
    known: Mapping[str, Mapping[Any, Any]] = field(default_factory=dict)
