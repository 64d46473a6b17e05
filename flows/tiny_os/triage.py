"""Which listed orders have to be read: the new ones, and those whose line of the list changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine

from blocks.banco import fetch, transaction
from flows.run.counts import Counts
from flows.run.writer import Writer
from flows.tiny_os.listed import Item, Pedido
from flows.tiny_os.listing import Listagem
from flows.tiny_os.quarantine import keep_aside
from flows.tiny_os.statements import DOMAIN, QUARANTINE, TINY

ASIDE = "em quarentena, sem mudança: tiny-falhas tenta de novo"
UNNAMED = "linha da lista sem id"


@dataclass(frozen=True)
class Conhecida:
    """What is stored of an order."""

    situacao: int
    hash: str | None
    excluida: bool
    verificada_em: datetime | None


@dataclass(frozen=True)
class Triagem:
    """What follows from a list.

    Attributes:
        conhecidas: the stored orders among the listed ones, or all stored ones.
        ler: orders whose detail has to be read, the newest first.
        mudaram: the stored ones among them whose line of the list is another one.
        em_quarentena: ids that are kept aside, have not changed since and are left there.
    """

    conhecidas: dict[int, Conhecida]
    ler: tuple[Pedido, ...]
    mudaram: tuple[Item, ...]
    em_quarentena: frozenset[int]


def triage(engine: Engine, listing: Listagem, *, whole: bool = False, again: bool = False) -> Triagem:
    """Compare a list with what is stored of its orders.

    Args:
        engine: where they are stored.
        listing: what Tiny showed.
        whole: get to know all stored orders, not only the listed ones.
        again: read all listed orders, whatever is stored or kept aside of them.
    """
    ids = sorted(listing.vistas)
    with transaction(engine) as connection:
        rows = fetch(connection, TINY["conhecidas"], ids=None if whole else ids)
        aside = dict(fetch(connection, TINY["em_quarentena"], entidade=QUARANTINE, ids=ids))
    known = {number: Conhecida(*told) for number, *told in rows}
    hashes = {number: each.hash for number, each in listing.itens.items()}
    hashes |= {number: str(each.payload["hash_lista"]) for number, each in listing.rejeitados.items()}
    asked = listing.itens.keys() if again else set()
    waiting = frozenset(number for number, kept in aside.items() if kept == hashes[number]) - asked
    changed = [each for each in listing.itens.values() if each.id not in waiting and (again or _changed(each, known))]
    newest = sorted(changed, key=lambda each: each.id, reverse=True)
    return Triagem(
        known,
        tuple(Pedido(each.id, each) for each in newest),
        tuple(each for each in newest if each.id in known and known[each.id].hash != each.hash),
        waiting,
    )


def keep_unreadable(writer: Writer, listing: Listagem, triagem: Triagem) -> Counts:
    """Keep the unreadable lines of the list aside; the counts of all lines whose detail is not to be read."""
    fresh = [each for number, each in listing.rejeitados.items() if number not in triagem.em_quarentena]
    if fresh:
        with writer.transaction(DOMAIN) as connection:
            keep_aside(connection, (), fresh)
    aside = len(triagem.em_quarentena)
    same = listing.linhas - listing.sem_id - len(triagem.ler) - len(fresh) - aside
    reasons = {ASIDE: aside, UNNAMED: listing.sem_id}
    return Counts(
        lidos=listing.linhas,
        inalterados=same,
        assentados=same,
        rejeitados=len(fresh),
        ignorados=aside + listing.sem_id,
        motivos={reason: number for reason, number in reasons.items() if number},
    )


def oldest_checked(engine: Engine, listing: Listagem, out: Sequence[Pedido], most: int) -> list[Pedido]:
    """The orders whose detail was read longest ago, besides `out`."""
    with transaction(engine) as connection:
        rows = fetch(
            connection,
            TINY["revisitar"],
            fora=[each.id for each in out],
            entidade=QUARANTINE,
            quantas=most,
        )
    return [Pedido(number, listing.itens.get(number)) for (number,) in rows]


def _changed(item: Item, known: dict[int, Conhecida]) -> bool:
    """Whether the detail has to be read: it alone can tell why a line as before has another status than ours."""
    stored = known.get(item.id)
    return stored is None or stored.excluida or (stored.hash, stored.situacao) != (item.hash, item.situacao)
