"""The account's service orders and contacts, ordered by emission, as a person left them.

Nothing here knows when a record changed: the API shows no such moment, in list or detail, and filters by none.
"""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final

STATUSES: Final = {
    "0": "Em Aberto",
    "1": "Orçada",
    "2": "Serviço Concluído",
    "3": "Finalizada",
    "4": "Não Aprovada",
    "5": "Aprovada",
    "6": "Em Andamento",
    "7": "Cancelada",
}

DETAILS: Final[Mapping[str, Any]] = {
    "dataPrevista": "",
    "dataConclusao": "",
    "totalServicos": "0.00",
    "totalPecas": "0.00",
    "totalOrdemServico": "0.00",
    "desconto": "0,00",
    "equipamento": "",
    "equipamentoSerie": "",  # empty in every live answer
    "descricaoProblema": "",
    "observacoes": "",
    "observacoesServico": "",
    "observacoesInternas": "",
    "orcar": False,
    "orcado": False,
    "alqComissao": 0,
    "vlrComissao": 0,
    "idForma": 0,
    "idContaContabil": 0,
    "idListaPreco": 0,
    "idLocalPrestacao": None,
    "idDeposito": 0,
    "tecnico": None,
    "vendedor": None,
    "categoria": None,
    "formaRecebimento": None,
}
_SHOWN: Final = {*DETAILS, "valor", "contato", "cliente"}  # what `change` may set besides the names below
_NAMES: Final = {"situacao": "status", "data": "issued", "numeroOrdemServico": "number", "idContato": "contact"}


@dataclass(frozen=True, slots=True)
class Order:
    """A service order: what the list filters by, and the other fields by their names in the API."""

    id: int
    number: str
    status: str  # a digit, or any text that somebody set by `change`
    issued: str  # YYYY-MM-DD
    contact: int
    markers: tuple[str, ...] = ()
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def digit(self) -> str:
        """Its status as the list filters by it."""
        return self.status.partition("-")[0].strip()

    @property
    def stored(self) -> dict[str, Any]:
        """All that is known of it, without the drift of the answers."""
        known = {"id": self.id, "numeroOrdemServico": self.number, "situacao": self.status, "data": self.issued}
        return {**known, "idContato": self.contact, "marcadores": list(self.markers), **DETAILS, **self.details}

    def changed(self, values: Mapping[str, Any]) -> "Order":
        """This order with other values, by their names in the API.

        Raises:
            LookupError: a name that no answer shows.
            ValueError: a day of emission that is no text, by which nothing could be ordered.
        """
        own = {_NAMES[name]: value for name, value in values.items() if name in _NAMES}
        if not isinstance(own.get("issued", ""), str):
            raise ValueError("data is text, YYYY-MM-DD")
        if "status" in own:
            own["status"] = str(own["status"])
        if "marcadores" in values:
            own["markers"] = tuple(values["marcadores"])
        rest = {name: value for name, value in values.items() if name not in _NAMES and name != "marcadores"}
        if unknown := rest.keys() - _SHOWN:
            raise LookupError(f"an order has no {', '.join(sorted(unknown))}")
        return replace(self, **own, details={**self.details, **rest})


class Orders:
    """All orders by id and by emission, and their contacts. Not safe for threads: the simulator's lock is."""

    def __init__(self, orders: Iterator[Order], contacts: Mapping[int, dict[str, Any]]) -> None:
        self.contacts = dict(contacts)
        self._orders = {order.id: order for order in orders}
        self._issued = sorted((order.issued, order.id) for order in self._orders.values())
        self._last_id = max((id_ for id_ in self._orders if id_ < 2**31), default=700_000_000)
        self._last_number = len(self._orders)

    def get(self, id_: int) -> Order | None:
        """The order, unless it is unknown or deleted."""
        return self._orders.get(id_)

    def issued_between(self, first: str, last: str) -> list[int]:
        """The ids of the orders issued in a span of days (empty: without end), in the order of emission, then id."""
        start = bisect_left(self._issued, (first, 0)) if first else 0
        end = bisect_right(self._issued, (last, 2**63)) if last else len(self._issued)
        return [id_ for _, id_ in self._issued[start:end]]

    def change(self, id_: int, values: Mapping[str, Any]) -> None:
        """Change an order, as a person would.

        Raises:
            LookupError: there is no such order or field.
        """
        self._put(self._orders[id_].changed(values))

    def create(self, today: date, values: Mapping[str, Any]) -> int:
        """Make an order, issued today unless the values say otherwise; answers its id, the next one unless given.

        Raises:
            LookupError: there is no such field.
            ValueError: the id is taken.
        """
        given = dict(values)
        id_ = int(given.pop("id", self._last_id + 1))
        if id_ in self._orders:
            raise ValueError(f"there is an order {id_} already")
        blank = Order(id_, str(self._last_number + 1), "0", today.isoformat(), min(self.contacts, default=0))
        self._put(blank.changed(given))
        self._last_number += 1
        self._last_id = max(self._last_id, id_) if id_ < 2**31 else self._last_id
        return id_

    def delete(self, id_: int) -> None:
        """Delete an order; nothing shows that it ever was.

        Raises:
            KeyError: there is no such order.
        """
        order = self._orders.pop(id_)
        self._issued.remove((order.issued, id_))

    def saved(self) -> Callable[[], None]:
        """What puts orders and contacts back as they are now."""
        contacts, orders, issued = dict(self.contacts), dict(self._orders), list(self._issued)
        last_id, last_number = self._last_id, self._last_number

        def put_back() -> None:
            self.contacts, self._orders, self._issued = dict(contacts), dict(orders), list(issued)
            self._last_id, self._last_number = last_id, last_number

        return put_back

    def _put(self, order: Order) -> None:
        before = self._orders.get(order.id)
        if before is not None:
            self._issued.remove((before.issued, before.id))
        self._orders[order.id] = order
        insort(self._issued, (order.issued, order.id))
