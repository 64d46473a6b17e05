"""From documents to rows. Pure: no I/O, and one bad line never spoils its neighbours."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from flows.run.quarantine import Rejected
from flows.sync.context import Context
from flows.sync.entity import Entity, Record
from flows.sync.fingerprint import digest

UNEXPECTED = (TypeError, ArithmeticError, LookupError, AttributeError)
"""What a mapping may raise besides `ValueError` on a value of another kind than the source declares."""


class Ignored(Exception):
    """The line is not meant to be a row; its text is the reason that operators see counted."""


class Waiting(Ignored):
    """The line becomes a row once something is here that it needs; until then it is ignored and kept aside.

    `what` is what the entity's `awaited` statement recognises it by, such as the id of the missing record.
    """

    def __init__(self, reason: str, what: object) -> None:
        super().__init__(reason)
        self.what = str(what)


@dataclass(frozen=True)
class Mapped:
    """The rows of a batch, and what became of the other lines; those that wait count as ignored.

    Attributes:
        rows: by the line's id.
        origins: likewise the document and the line that a row came from, for the quarantine.
        headers: by the document's id the columns that its lines share.
        summaries: by the document's id the digest of the rows that follow from what was read.
        lines: how many were mapped.
        ignored: how many are not meant to be rows, or not yet, by reason.
        rejected: the lines that cannot be rows.
        waiting: the lines that become rows once something is here that they need.
        left_out: the ids of the lines that are not meant to be rows.
    """

    rows: Mapping[int, Record]
    origins: Mapping[int, tuple[Record, Record]]
    headers: Mapping[int, Record] = field(default_factory=dict)
    summaries: Mapping[int, str] = field(default_factory=dict)
    lines: int = 0
    ignored: Mapping[str, int] = field(default_factory=dict)
    rejected: tuple[Rejected, ...] = ()
    waiting: tuple[Rejected, ...] = ()
    left_out: tuple[int, ...] = ()


def map_documents(entity: Entity, documents: Iterable[Record], context: Context) -> Mapped:
    """Map every line of `documents` to its row."""
    rows: dict[int, Record] = {}
    origins: dict[int, tuple[Record, Record]] = {}
    headers: dict[int, Record] = {}
    summaries: dict[int, str] = {}
    ignored: Counter[str] = Counter()
    rejected: list[Rejected] = []
    waiting: list[Rejected] = []
    left_out: list[int] = []
    lines = 0
    for document in documents:
        verdict: Exception | None = None
        own: list[tuple[int, str]] = []
        try:
            headers[document["id"]] = entity.header(document, context)
        except (Ignored, ValueError, *UNEXPECTED) as error:
            verdict = error
        for line in entity.lines_of(document):
            lines += 1
            try:
                if verdict is not None:
                    raise verdict
                header, key = headers[document["id"]], line["id"]
                columns = entity.line(document, line, context) if entity.line else {}
                own.append((key, repr(columns)))
                rows[key], origins[key] = {**header, **columns}, (document, line)
            except Waiting as wait:
                ignored[str(wait)] += 1
                waiting.append(replace(reject(document, line, str(wait)), waits_for=wait.what))
            except Ignored as reason:
                ignored[str(reason)] += 1
                left_out.append(line["id"])
            except (ValueError, *UNEXPECTED) as error:
                rejected.append(reject(document, line, _reason(error)))
        if own:
            summaries[document["id"]] = digest(f"{headers[document['id']]!r}{sorted(own)!r}")
    return Mapped(
        rows, origins, headers, summaries, lines, dict(ignored), tuple(rejected), tuple(waiting), tuple(left_out)
    )


def reject(document: Record, line: Record, reason: str) -> Rejected:
    """The quarantine entry of `line`: itself and the scalar values of its document."""
    scalars = {name: value for name, value in document.items() if not isinstance(value, list)}
    payload = {"documento": scalars} if line is document else {"documento": scalars, "linha": line}
    return Rejected(document["id"], line["id"], document.get("numero"), reason, payload)


def _reason(error: Exception) -> str:
    """Why a line cannot be a row; an error that is no `ValueError` does not say so by itself."""
    if isinstance(error, ValueError):
        return str(error)
    what = f"{type(error).__name__}: {error}"
    return f"Um valor da linha ou do documento não é do tipo esperado ({what}); confira-o na origem"
