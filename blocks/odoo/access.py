"""How a user was found to reach a database: kept, it saves a later run the calls that find it out."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self


@dataclass(frozen=True)
class Access:
    """How a user was found to reach a database, so that a later connection need not find it out again. No secret.

    Attributes:
        place: the server's address and the database, as `Account.place` tells them.
        username: the user's login.
        protocol: the name of the protocol that the server speaks.
        uid: the user's id in Odoo.
        version: the server's version.
    """

    place: str
    username: str
    protocol: str
    uid: int
    version: str

    @classmethod
    def of(cls, kept: Mapping[str, Any] | None) -> Self | None:
        """What `as_dict` gave; None if it is not that."""
        try:
            return cls(**kept) if kept else None
        except TypeError:
            return None

    def as_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        return asdict(self)
