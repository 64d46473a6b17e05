"""Records that cannot be mapped or stored: kept with their reason, tried again, never lost."""

from collections.abc import Collection, Sequence
from datetime import timedelta

import orjson
from psycopg2.extras import Json
from sqlalchemy import Connection

from blocks.banco import execute, fetch
from flows.engine.mapping import Rejected
from flows.engine.statements import ENGINE

FIRST_WAIT = timedelta(seconds=30)
"""Before the second attempt; each later wait is four times as long: 30 s, 2 min, 8 min, 32 min."""

MOST_ATTEMPTS = 5
"""Then the record waits for a person (`esgotado`); a change in the source still brings it back."""


def put(connection: Connection, entity: str, rejected: Collection[Rejected]) -> None:
    """Enter or renew the failures; one that is there already has one attempt more."""
    for one in rejected:
        execute(
            connection,
            ENGINE["quarantine"],
            entidade=entity,
            documento_id=one.document_id,
            registro_id=one.record_id,
            documento=(one.number or "")[:100] or None,
            erro=one.reason,
            payload=Json(one.payload, dumps=_json),
            primeira_espera=FIRST_WAIT,
            tentativas_maximas=MOST_ATTEMPTS,
        )


def resolve(connection: Connection, entity: str, documents: Sequence[int], rejected: Collection[Rejected]) -> None:
    """Close the failures of `documents` that did not come up again."""
    execute(
        connection,
        ENGINE["resolve_failures"],
        entidade=entity,
        documentos=list(documents),
        rejeitados_documento=[one.document_id for one in rejected],
        rejeitados_registro=[one.record_id for one in rejected],
    )


def due(connection: Connection, entity: str) -> list[int]:
    """Documents with a failure whose next attempt is due."""
    return [number for (number,) in fetch(connection, ENGINE["due_failures"], entidade=entity)]


def _json(payload: object) -> str:
    # jsonb cannot hold NUL characters, which may be the very reason for the rejection.
    return orjson.dumps(payload, default=str).decode().replace("\\u0000", "")
