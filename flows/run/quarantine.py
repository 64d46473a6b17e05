"""Records that cannot be mapped or stored, or not yet: kept with their reason, tried again, never lost."""

import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import orjson
from sqlalchemy import Connection

from blocks.banco import execute, fetch
from flows.run.statements import RUN

FIRST_WAIT = timedelta(seconds=30)
"""Before the second attempt; each later wait is four times as long: 30 s, 2 min, 8 min, 32 min."""

MOST_ATTEMPTS = 5
"""Then the record waits for a person (`esgotado`); a change in the source still brings it back."""


NUMBER_LENGTH = 100
"""Of a document's number, as far as it is kept beside its id: a longer one is no number that fits a table."""

_ESCAPED = re.compile(r"(\\\\)|\\u0000")


@dataclass(frozen=True)
class Rejected:
    """A line that is no row, with all it takes to look into it and to try again; it waits for a fix, or `waits_for`."""

    document_id: int
    record_id: int
    number: str | None
    reason: str
    payload: Mapping[str, Any]
    waits_for: str | None = None


def put(connection: Connection, entity: str, rejected: Collection[Rejected]) -> None:
    """Enter or renew what is kept aside, in one statement; a failure that is there already has one attempt more."""
    if not rejected:
        return
    execute(
        connection,
        RUN["quarantine"],
        entidade=entity,
        documentos_id=[one.document_id for one in rejected],
        registros_id=[one.record_id for one in rejected],
        documentos=[storable(one.number, NUMBER_LENGTH) for one in rejected],
        erros=[storable(one.reason) or "sem motivo" for one in rejected],
        payloads=[_json(one.payload) for one in rejected],
        esperas=[storable(one.waits_for, NUMBER_LENGTH) for one in rejected],
        primeira_espera=FIRST_WAIT,
        tentativas_maximas=MOST_ATTEMPTS,
    )


def resolve(connection: Connection, entity: str, documents: Sequence[int], rejected: Collection[Rejected]) -> None:
    """Close the failures of `documents` that did not come up again."""
    execute(
        connection,
        RUN["resolve_failures"],
        entidade=entity,
        documentos=list(documents),
        rejeitados_documento=[one.document_id for one in rejected],
        rejeitados_registro=[one.record_id for one in rejected],
    )


def due(connection: Connection, entity: str) -> list[int]:
    """Documents with a failure whose next attempt is due."""
    return [number for (number,) in fetch(connection, RUN["due_failures"], entidade=entity)]


def unresolved(connection: Connection, entity: str) -> list[int]:
    """Documents with a failure that nobody has resolved, exhausted ones included."""
    return [number for (number,) in fetch(connection, RUN["unresolved_documents"], entidade=entity)]


def storable(text: str | None, size: int | None = None) -> str | None:
    """`text` without what PostgreSQL cannot hold, which may be the very reason for a rejection; cut to `size`."""
    if text is None:
        return None
    return text.encode(errors="replace").decode().replace("\0", "")[:size] or None


def _json(payload: object) -> str:
    try:
        encoded = orjson.dumps(payload, default=str).decode()
    except TypeError:  # a number beyond 64 bits, or half of a surrogate pair
        encoded = json.dumps(payload, default=str, ensure_ascii=False).encode(errors="replace").decode()
    # jsonb cannot hold NUL characters; a backslash that is itself escaped starts no escape.
    return _ESCAPED.sub(lambda found: found[1] or "", encoded)
