"""The parameters of the list: read, checked and applied.

A value that the vendor's document does not allow is answered with 400 and its body `{mensagem, detalhes}`; a parameter
that the document does not name is ignored, as integrators report, so that a wished-for change filter seems to work.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from demo.tiny.orders import STATUSES, Order, Orders

LARGEST_PAGE: Final = 100  # assumed; a larger limit is cut down to it without a word
_FAR: Final = 2**63 - 1  # the largest number that the answer can repeat
_WHOLE: Final = re.compile(r"-?[0-9]{1,40}")
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Invalid(Exception):
    """Parameters that are not accepted: what is wrong, by parameter."""

    def __init__(self, wrong: Mapping[str, str]) -> None:
        super().__init__("Ocorreram erros de validação")
        self.body = {
            "mensagem": str(self),
            "detalhes": [{"campo": name, "mensagem": message} for name, message in wrong.items()],
        }


@dataclass(frozen=True)
class Query:
    """What a list is asked for; empty text asks for nothing."""

    situacao: str
    first: str
    last: str
    number: str
    contact: int | None
    name: str
    markers: frozenset[str]
    descending: bool
    limit: int
    offset: int


def read(parameters: Mapping[str, Sequence[str]]) -> Query:
    """The query that the parameters of a call make; of a parameter given twice the last counts.

    Raises:
        Invalid: values that are not allowed.
    """
    wrong: dict[str, str] = {}

    def value(name: str, check: Callable[[str], bool], allowed: str, default: str = "") -> str:
        given = parameters.get(name, [default])[-1]
        if name in parameters and not check(given):
            wrong[name] = f"O campo {name} deve ser {allowed}"
            return default
        return given

    contact = value("idContato", _is_whole, "um número inteiro")
    query = Query(
        situacao=value("situacao", STATUSES.__contains__, "um número de 0 a 7"),
        first=value("dataInicialEmissao", _is_day, "uma data AAAA-MM-DD"),
        last=value("dataFinalEmissao", _is_day, "uma data AAAA-MM-DD"),
        number=value("numeroOrdemServico", _is_any, "um texto"),
        contact=int(contact) if contact else None,
        name=value("nomeCliente", _is_any, "um texto").casefold(),
        markers=frozenset((*parameters.get("marcadores", ()), *parameters.get("marcadores[]", ()))),
        # The vendor names no default; newest first is assumed, where pages move as orders arrive.
        descending=value("orderBy", ("asc", "desc").__contains__, "asc ou desc", "desc") == "desc",
        limit=min(
            int(value("limit", lambda text: _is_whole(text) and int(text) > 0, "maior que zero", str(LARGEST_PAGE))),
            LARGEST_PAGE,
        ),
        offset=min(int(value("offset", lambda text: _is_whole(text) and int(text) >= 0, "zero ou maior", "0")), _FAR),
    )
    if wrong:
        raise Invalid(wrong)
    return query


def order_id(text: str) -> int:
    """The id in a path.

    Raises:
        Invalid: it is no number.
    """
    if not _is_whole(text):
        raise Invalid({"idOrdemServico": "O campo idOrdemServico deve ser um número inteiro"})
    return int(text)


def page(orders: Orders, query: Query) -> tuple[list[Order], int]:
    """The orders of the page that is asked for, and how many there are on all pages."""
    ids = orders.issued_between(query.first, query.last)
    if any((query.situacao, query.number, query.contact is not None, query.name, query.markers)):
        ids = [order.id for order in _all(orders, ids) if _matches(query, order, orders.contacts)]
    if query.descending:
        ids.reverse()
    return list(_all(orders, ids[query.offset : query.offset + query.limit])), len(ids)


def _all(orders: Orders, ids: Iterable[int]) -> Iterable[Order]:
    return (order for order in map(orders.get, ids) if order is not None)


def _matches(query: Query, order: Order, contacts: Mapping[int, Mapping[str, Any]]) -> bool:
    """Whether an order passes the filters but those of its day; markers: one of them is enough (assumed)."""
    return (
        query.situacao in ("", order.digit)
        and query.number in ("", order.number)
        and query.contact in (None, order.contact)
        and (not query.markers or not query.markers.isdisjoint(order.markers))
        and (not query.name or query.name in str(contacts.get(order.contact, {}).get("nome")).casefold())
    )


def _is_any(_: str) -> bool:
    return True


def _is_whole(text: str) -> bool:
    return _WHOLE.fullmatch(text) is not None


def _is_day(text: str) -> bool:
    try:
        return _DAY.fullmatch(text) is not None and bool(date.fromisoformat(text))
    except ValueError:
        return False
