"""What is gone from the source: believed only of ids that it says do not exist, and never too much at once."""

from collections.abc import Collection, Container, Iterable, Mapping, Set
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Engine

from flows.run.batches import IN_FLIGHT
from flows.run.deletions import most_believed
from flows.run.errors import DeletionRefused
from flows.sync.entity import Entity, Listed, Source
from flows.sync.hidden import absent
from flows.sync.known import Known, Lines, Range
from flows.sync.plan import Plan

UNKNOWN_VERSION = datetime(1970, 1, 1, tzinfo=UTC)
"""Of a document that no list has shown: the version that it is read in is later."""


@dataclass(frozen=True)
class Differences:
    """Where the source differs from what is stored.

    Attributes:
        gone: documents that do not exist any more, or are no longer what the entity reads.
        hidden: documents that exist and may not be seen.
        changed: documents to be read again, since their lines are others; and documents that no list has shown.
    """

    gone: tuple[int, ...] = ()
    hidden: tuple[int, ...] = ()
    changed: tuple[Listed, ...] = ()


@dataclass(frozen=True)
class _Compared:
    """What the comparison of ids found: documents that cannot be seen, lines that are lost, documents to read."""

    absent: set[int]
    lost: set[int]
    changed: dict[int, datetime]


def differences(
    engine: Engine,
    entity: Entity,
    source: Source,
    made: Plan,
    *,
    others: tuple[int, int] | None,
    share: float,
    by_id: bool,
) -> Differences:
    """Compare what is known of the entity's documents and lines with what the source has, by count and then by id.

    `others` is how many documents are known besides those of the plan, and how many lines they have; None: not counted
    yet. Documents of the plan were read in this run: only their absence is of interest. Before the first complete run
    only what is known is asked for, since the source has more. `by_id`: ids are compared even where the counts agree.

    Raises:
        DeletionRefused: more of what is stored would vanish at once than is believed, given `share`.
        SincroniaError: the source could not be asked; nothing may be concluded from that.
    """
    known = Known(engine, entity.name)
    if others is None:
        counted = known.counted()
    else:
        read = known.counted(only=made.documents)
        counted = (others[0] + read[0], others[1] + read[1])
    documents, lines = counted
    ranges: Iterable[Range] = ()
    if documents:
        ranges = known.differing(source.presence, counted) if made.complete and not by_id else known.ranges()
    found = _compared(known, entity, source, made, ranges)
    away, hidden = absent(source.presence, found.absent)
    gone = {*away, *made.vanished}
    refuse(entity, "documentos", gone, documents + len(made.vanished), share)
    if len(found.lost) > most_believed(lines, share):
        refuse(entity, "linhas", found.lost - source.presence.hidden_lines(found.lost), lines, share)
    return Differences(
        tuple(sorted(gone)), tuple(sorted({*hidden, *made.hidden})), tuple(sorted(found.changed.items()))
    )


def _compared(known: Known, entity: Entity, source: Source, made: Plan, ranges: Iterable[Range]) -> _Compared:
    found, presence = _Compared(set(), set(), {}), source.presence

    def asked(ids: Range) -> tuple[Mapping[int, Lines], Mapping[int, Set[int] | None]]:
        here = known.between(ids)
        return here, presence.between(*ids) if made.complete else presence.visible(here)

    with ThreadPoolExecutor(IN_FLIGHT) as together:
        for here, there in together.map(asked, ranges):
            _add(entity, made.documents, here, there, found)
    return found


def _add(
    entity: Entity,
    read: Container[int],
    here: Mapping[int, Lines],
    there: Mapping[int, Set[int] | None],
    found: _Compared,
) -> None:
    """Add to `found` what is known `here` and not `there`, and the other way round; what was `read` is known."""
    found.absent.update(here.keys() - there.keys())
    for number, lines in there.items():
        if number in read:
            continue
        stored = here.get(number)
        if stored is None:
            found.changed[number] = UNKNOWN_VERSION
        elif lines is not None and entity.lines and stored.version and _differ(stored, lines):
            found.changed[number] = stored.version
            found.lost.update(stored.stored - lines)


def _differ(stored: Lines, lines: Collection[int]) -> bool:
    return not stored.stored <= set(lines) <= stored.stored | stored.aside


def refuse(entity: Entity, what: str, gone: Collection[int], stored: int, share: float) -> None:
    """Make sure that not too much of what is stored vanishes at once; `what` operators call it.

    Raises:
        DeletionRefused: more is gone than is believed, given `share`.
    """
    if len(gone) > most_believed(stored, share):
        raise DeletionRefused(
            f"{entity.title}: {len(gone)} de {stored} {what} sumiriam de uma vez (limite {share:.0%}); "
            "nada foi desativado. Confira o acesso do usuário na origem; se a exclusão for real: "
            f"sincronia executar {entity.name} -p limite_exclusao=1. Exemplos de id: {sorted(gone)[:5]}"
        )
