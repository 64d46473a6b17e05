"""How an order looks in the list and in its detail, with the drift between the releases of the API.

The rules are those of live answers (2023 to 2025): `orcar` and `orcado` "S" or "N" before May 2025 and boolean after;
`formaPagamento` up to 3.0, `formaRecebimento` from 3.1 on; markers in the list only; `valor` null nearly always. A real
account answers every order by the release of the day; here the order's day of emission decides, so that one load meets
both. With `drift` on, answers also leave the vendor's document, as reported: a status "3 - Finalizada", `desconto` as a
number, `tecnico` null, `tipoPessoa` "J - Juridica" (assumed).
"""

from collections.abc import Mapping
from typing import Any, Final

from demo.tiny.orders import DETAILS, STATUSES, Order

_BOOLEANS_FROM: Final = "2025-05-01"
_RECEBIMENTO_FROM: Final = "2025-06-01"  # in April and May 2025 live answers showed formaPagamento
_PERSONS: Final = {"J": "J - Juridica", "F": "F - Fisica"}
_SPELLED: Final = 12  # one order in so many has its status spelled out in the list, and another in the detail


def item(order: Order, contact: Mapping[str, Any] | None, *, drift: bool) -> dict[str, Any]:
    """The order's line in the list."""
    shown = {
        "id": order.id,
        "situacao": _status(order, drift and order.id % _SPELLED == 5),
        "data": order.issued,
        "dataPrevista": DETAILS["dataPrevista"],
        "valor": None,
        "numeroOrdemServico": order.number,
        "cliente": _contact(contact, drift),
        "marcadores": [{"descricao": marker} for marker in order.markers],
    }
    return {**shown, **{name: value for name, value in order.details.items() if name in shown}}


def detail(order: Order, contact: Mapping[str, Any] | None, *, drift: bool) -> dict[str, Any]:
    """The order itself."""
    shown = {
        "id": order.id,
        "situacao": _status(order, drift and order.id % _SPELLED == 7),
        "data": order.issued,
        "numeroOrdemServico": order.number,
        **DETAILS,
        "contato": _contact(contact, drift),
    }
    shown |= {name: value for name, value in order.details.items() if name in shown}
    if order.issued < _BOOLEANS_FROM:
        for name in ("orcar", "orcado"):
            shown[name] = {True: "S", False: "N"}.get(shown[name], shown[name])
    if order.issued < _RECEBIMENTO_FROM:
        shown["formaPagamento"] = shown.pop("formaRecebimento")
    if not drift:
        shown |= {"desconto": str(shown["desconto"]), "tecnico": shown["tecnico"] or ""}
    return shown


def _status(order: Order, spelled: bool) -> str:
    return f"{order.status} - {STATUSES[order.status]}" if spelled and order.status in STATUSES else order.status


def _contact(contact: Mapping[str, Any] | None, drift: bool) -> dict[str, Any] | None:
    if contact is None:
        return None
    person = contact["tipoPessoa"]
    spelled = drift and contact["id"] % _SPELLED == 5
    return {**contact, "tipoPessoa": _PERSONS.get(person, person) if spelled else person}
