"""The quarantine (`import_failures`): lines that cannot be stored, or not yet, with their reason and content.

docs/decisoes/010-quarantine-per-record.md says when they are tried again.
"""

import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import orjson
from sqlalchemy import Connection

from blocks.banco import execute, fetch
from blocks.sending import clean
from flows.run.statements import RUN

FIRST_WAIT = timedelta(seconds=30)
"""The wait before the second attempt. Each later wait is four times as long: 30 s, 2 min, 8 min, 32 min."""

MOST_ATTEMPTS = 5
"""After so many attempts a line waits for a person (`esgotado`), who may have to mend another record than its own."""

LONG_WAIT = timedelta(days=1)
"""The wait between the attempts of a line that waits for a person, or for something else (`aguardando`)."""

NUMBER_LENGTH = 100
"""Characters of a document number that are kept. The number of a rejected line may be longer than any column holds."""

_ESCAPED = re.compile(r"(\\\\)|\\u0000")


@dataclass(frozen=True)
class Rejected:
    """A line that cannot be stored, or not yet.

    Attributes:
        document_id: the id of its document in the source.
        record_id: the id of the line itself.
        document_number: by which people know the document; None if it has none.
        reason: why it cannot be stored, in the operators' language.
        payload: the line and its document as they were read, for people and for the next attempt.
        waits_for: what has to be here first, such as a document's id; None: nothing, the line itself is wrong.
    """

    document_id: int
    record_id: int
    document_number: str | None
    reason: str
    payload: Mapping[str, Any]
    waits_for: str | None = None


def put(connection: Connection, entity: str, rejected: Collection[Rejected]) -> None:
    """Put lines into quarantine, in one statement; a line that is there already gets one attempt more."""
    if not rejected:
        return
    rejected = {(one.document_id, one.record_id): one for one in rejected}.values()
    execute(
        connection,
        RUN["quarantine"],
        entidade=entity,
        documentos_id=[one.document_id for one in rejected],
        registros_id=[one.record_id for one in rejected],
        documentos=[storable(one.document_number, NUMBER_LENGTH) for one in rejected],
        erros=[storable(one.reason) or "sem motivo" for one in rejected],
        payloads=[json_text(one.payload) for one in rejected],
        esperas=[storable(one.waits_for, NUMBER_LENGTH) for one in rejected],
        primeira_espera=FIRST_WAIT,
        espera_longa=LONG_WAIT,
        tentativas_maximas=MOST_ATTEMPTS,
    )


def resolve(connection: Connection, entity: str, documents: Sequence[int], rejected: Collection[Rejected]) -> None:
    """Mark the failures of `documents` as resolved, but for those that are among `rejected` again."""
    execute(
        connection,
        RUN["resolve_failures"],
        entidade=entity,
        documentos=list(documents),
        rejeitados_documento=[one.document_id for one in rejected],
        rejeitados_registro=[one.record_id for one in rejected],
    )


def due(connection: Connection, entity: str) -> list[int]:
    """Ids of the documents with a failure whose next attempt is due."""
    rows = fetch(connection, RUN["due_failures"], entidade=entity, espera_longa=LONG_WAIT)
    return [document_id for (document_id,) in rows]


def unresolved(connection: Connection, entity: str) -> list[int]:
    """Ids of the documents with a failure that is not resolved, exhausted ones included."""
    return [document_id for (document_id,) in fetch(connection, RUN["unresolved_documents"], entidade=entity)]


def storable(value: object, size: int | None = None) -> str | None:
    """A value as text without characters that PostgreSQL cannot store, cut to `size`; None if nothing is left.

    A line may have been rejected because of such characters; its reason and number must be stored all the same.
    """
    return None if value is None else clean(str(value))[:size] or None


def json_text(payload: object) -> str:
    """A value as JSON that PostgreSQL can store, whatever the source's texts and numbers in it are."""
    try:
        encoded = orjson.dumps(payload, default=str).decode()
    except TypeError:  # a number beyond 64 bits, or half of a surrogate pair
        plain = json.loads(json.dumps(payload, default=str), parse_constant=str)  # JSON has no NaN and no Infinity
        encoded = json.dumps(plain, ensure_ascii=False).encode(errors="replace").decode()
    # jsonb cannot hold NUL characters; a backslash that is itself escaped starts no escape.
    return _ESCAPED.sub(lambda found: found[1] or "", encoded)
