"""From documents to rows. Pure: no I/O, and one bad line never spoils its neighbours."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from flows.run.quarantine import Rejected
from flows.sync.context import Context
from flows.sync.entity import Entity, Record

REUSED = "cancelado, e o número já é de outro documento"
"""Why a row of a cancelled document gives way to the live document that carries its number now."""


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
    """The rows of a batch, each key once, and what became of the other lines; those that wait count as ignored.

    `left_out` are the ids of the lines that are not meant to be rows.
    """

    rows: Mapping[tuple[Any, ...], Record]
    origins: Mapping[tuple[Any, ...], tuple[Record, Record]]
    lines: int = 0
    ignored: Mapping[str, int] = field(default_factory=dict)
    rejected: tuple[Rejected, ...] = ()
    waiting: tuple[Rejected, ...] = ()
    left_out: tuple[int, ...] = ()


def map_documents(entity: Entity, documents: Iterable[Record], context: Context) -> Mapped:
    """Map every line of `documents`; lines of one document with the same key are summed into one row.

    `origins` keeps, per key, the document and the (first) line it came from, for the quarantine.
    A key that two documents claim belongs to the one that is alive, else to the first; the other's line is rejected.
    """
    rows: dict[tuple[Any, ...], Record] = {}
    origins: dict[tuple[Any, ...], tuple[Record, Record]] = {}
    ignored: Counter[str] = Counter()
    rejected: list[Rejected] = []
    waiting: list[Rejected] = []
    left_out: list[int] = []
    lines = 0
    for document in documents:
        header: Record = {}
        verdict: Ignored | ValueError | None = None
        try:
            header = entity.header(document, context)
        except (Ignored, ValueError) as error:
            verdict = error
        for line in entity.lines_of(document):
            lines += 1
            try:
                if verdict is not None:
                    raise verdict
                row = {**header, **entity.line(document, line, context)} if entity.line else header
                key = tuple(row[name] for name in entity.target.key)
                held = rows.get(key)
                if held is None:
                    rows[key], origins[key] = row, (document, line)
                elif held[entity.document] == row[entity.document]:
                    rows[key] = _summed(entity, held, row)
                elif entity.target.let_go(row):
                    raise Ignored(REUSED)
                elif entity.target.let_go(held):
                    ignored[REUSED] += 1
                    rows[key], origins[key] = row, (document, line)
                else:
                    raise ValueError(owned_by_another(key, held[entity.document]))
            except Waiting as wait:
                ignored[str(wait)] += 1
                waiting.append(replace(reject(document, line, str(wait)), waits_for=wait.what))
            except Ignored as reason:
                ignored[str(reason)] += 1
                left_out.append(line["id"])
            except ValueError as error:
                rejected.append(reject(document, line, str(error)))
    return Mapped(rows, origins, lines, dict(ignored), tuple(rejected), tuple(waiting), tuple(left_out))


def reject(document: Record, line: Record, reason: str) -> Rejected:
    """The quarantine entry of `line`: itself and the scalar values of its document."""
    scalars = {name: value for name, value in document.items() if not isinstance(value, list)}
    payload = {"documento": scalars} if line is document else {"documento": scalars, "linha": line}
    return Rejected(document["id"], line["id"], document.get("numero"), reason, payload)


def owned_by_another(key: tuple[Any, ...], owner: int) -> str:
    """Why a row cannot be stored whose key already belongs to another document."""
    return f"A chave {key} já pertence a outro documento da origem (id {owner}); um dos dois precisa de outro número"


def _summed(entity: Entity, one: Record, other: Record) -> Record:
    both = dict(one)
    for name in entity.summed:
        if other[name] is not None:
            both[name] = other[name] if one[name] is None else one[name] + other[name]
    if entity.target.version:
        versions = [each[entity.target.version] for each in (one, other)]
        both[entity.target.version] = max((when for when in versions if when), default=None)
    return both
