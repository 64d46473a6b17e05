"""What goes over the wire: a request as it is read, a reply before it is sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

JSON: Final = "application/json"
HTML: Final = "text/html; charset=utf-8"


@dataclass(frozen=True)
class Request:
    """A call: its path without the query, the parameters, the bearer token (empty: none) and the form of a POST."""

    method: str
    path: str
    query: Mapping[str, Sequence[str]]
    bearer: str
    form: Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Reply:
    """An answer; `sent` bytes of its body go out before the connection closes (None: all, and it stays open)."""

    status: int
    body: bytes = b""
    content_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)
    sent: int | None = None


def json_reply(status: int, value: Any) -> Reply:
    """An answer with a JSON body."""
    return Reply(status, orjson.dumps(value))
