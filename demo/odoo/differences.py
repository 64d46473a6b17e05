"""What versions of Odoo compute, let people do and hold otherwise than 17.0 (see `demo.odoo.versions`)."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from demo.odoo import blankets
from demo.odoo.declared import Action
from demo.odoo.derived import Rules
from demo.odoo.environment import Environment
from demo.odoo.records import Record, total
from demo.odoo.store import Table
from demo.odoo.version import ODOO_16, ODOO_17, ODOO_18, ODOO_19, Version

Values = dict[str, Any]
AGREEMENT: Final = "purchase.requisition"
_PRODUCTS: Final = ("product.product", "product.template")
_RUNNING: Final = ("in_progress", "ongoing", "open")  # what 18.0 calls confirmed
_CPF: Final = 11  # digits


def next_agreement(env: Environment) -> str:
    """The name of a new purchase agreement, which has one from the beginning since 18.0."""
    return env.store.next_name(AGREEMENT, "BO")


# 16.0 ------------------------------------------------------------------------------------------------------------

_RULES_16: Final = Rules()


@_RULES_16.derived("stock.move", "quantity_done", "quantity picked state")
def _done(move: Record) -> float:
    """Up to 16.0 what is reserved is no quantity yet."""
    return float(move.quantity) if move.picked or move.state == "done" else 0.0


_RULES_16.rule(
    "stock.move",
    "reserved_availability",
    "quantity state",
    lambda move: 0.0 if move.state == "done" else float(move.quantity),
)


@_RULES_16.derived("mrp.production", "real_end", "state date_finished")
def _end(production: Record) -> str | None:
    return production.date_finished if production.state == "done" else None


def _moved(tables: Mapping[str, Table], values: Values) -> Values:
    if "quantity_done" not in values:
        return values
    return {**values, "quantity": values.pop("quantity_done"), "picked": True}


def _locked_sale(record: Record) -> Values:
    order = record if record.model == "sale.order" else record.order_id
    return {"state": "done"} if order.locked else {}


def _cpf(partner: Record) -> Values:
    digits = "".join(letter for letter in partner.vat or "" if letter.isdigit())
    return {"l10n_br_cpf_code": partner.vat, "vat": None} if len(digits) == _CPF else {}


# 18.0 and later --------------------------------------------------------------------------------------------------

_RULES_18: Final = Rules()
_RULES_19: Final = Rules()

_KINDS: Final = {"product": ("consu", True), "consu": ("consu", False), "service": ("service", False)}


def _kind(product: Record) -> tuple[str | None, bool]:
    return _KINDS.get(product.detailed_type, (product.detailed_type, False))


for _model in _PRODUCTS:
    for _rules in (_RULES_18, _RULES_19):
        _rules.rule(_model, "type is_storable", "detailed_type", _kind)


def _kinds(tables: Mapping[str, Table], values: Values) -> Values:
    """A product's type from what tells it since 18.0; goods are kept in stock only where that is said."""
    kind, stored = values.pop("type", None), values.pop("is_storable", None)
    if stored is not None:
        values["detailed_type"] = "product" if stored else kind or "consu"
    elif kind:
        values["detailed_type"] = kind
    return values


def _confirmed(agreement: Record) -> Values:
    state = "confirmed" if agreement.state in _RUNNING else agreement.state
    name = next_agreement(agreement.env) if agreement.name == "New" else agreement.name
    return {"state": state, "name": name, "requisition_type": "blanket_order", "active": True}


_CONFIRMING: Final = Action({"state": "confirmed"}, check=blankets.complete, answer=None)
_AGREEMENT_ACTIONS: Final = {
    "action_in_progress": _CONFIRMING,
    "action_confirm": _CONFIRMING,
    "action_open": Action(answer=None),
    "action_draft": Action({"state": "draft"}, answer=None),
}


@_RULES_19.derived("uom.uom", "relative_uom_id", "category_id uom_type", stored=False)
def _measured_in(unit: Record) -> int | None:
    """The unit that a unit's factor counts: the reference of what it measures."""
    table = unit.env.store.tables["uom.uom"]
    alike = sorted(table.having("category_id", [unit.category_id.id])) if unit.category_id else []
    reference = next((own for own in alike if table.value(own, "uom_type") == "reference"), None)
    return None if reference == unit.id else reference


def _factors(tables: Mapping[str, Table], values: Values) -> Values:
    """A unit that measures what the unit does that it is made of, or something new."""
    base, table = values.pop("relative_uom_id", None), tables["uom.uom"]
    if "factor_inv" in values:
        values["factor_inv"] *= table.value(base, "factor_inv") if base else 1.0
        values["factor"] = 1.0 / values["factor_inv"]
    if base:
        values |= {"category_id": table.value(base, "category_id"), "uom_type": "bigger"}
    return values


def _locked_purchase(order: Record) -> Values:
    return {"state": "purchase", "locked": True} if order.state == "done" else {"locked": False}


def _of_locked(record: Record) -> Values:
    return {name: "purchase" for name in ("state", "purchase_state") if _says_done(record, name)}


def _says_done(record: Record, name: str) -> bool:
    return name in record.env.store.tables[record.model].schema and record.raw(name) == "done"


def _open_again(allocation: Record) -> Values:
    if not allocation.purchase_line_id.order_id.locked:
        return {}
    left = allocation.requested_product_uom_qty - allocation.allocated_product_qty
    return {"purchase_state": "purchase", "open_product_qty": max(0.0, left)}


def _in_progress(line: Record) -> Values:
    if line.purchase_state != "done":
        return {}
    return {**_of_locked(line), "qty_in_progress": total(line.purchase_request_allocation_ids, "open_product_qty")}


_LOCKING: Final = Action({"locked": True, "priority": "0"}, answer=None)

# What each version has of its own: rules, buttons, what its clients mean, what loaded records hold -------------------

RULES: Final = {ODOO_16: _RULES_16, ODOO_17: Rules(), ODOO_18: _RULES_18, ODOO_19: _RULES_19}
ACTIONS: Final[Mapping[Version, Mapping[str, Mapping[str, Action]]]] = {
    ODOO_16: {
        "sale.order": {
            "action_lock": Action({"state": "done"}, answer=None),
            "action_done": Action({"state": "done"}, answer=None),
            "action_unlock": Action({"state": "sale"}, answer=None),
        }
    },
    ODOO_18: {AGREEMENT: _AGREEMENT_ACTIONS},
    ODOO_19: {
        AGREEMENT: _AGREEMENT_ACTIONS,
        "purchase.order": {
            "button_done": _LOCKING,
            "button_lock": _LOCKING,
            "button_unlock": Action({"locked": False}, answer=None),
        },
    },
}
MEANT: Final[Mapping[Version, Mapping[str, Callable[[Mapping[str, Table], Values], Values]]]] = {
    ODOO_16: {"stock.move": _moved},
    ODOO_18: dict.fromkeys(_PRODUCTS, _kinds),
    ODOO_19: {**dict.fromkeys(_PRODUCTS, _kinds), "uom.uom": _factors},
}
LOADED: Final[Mapping[Version, Mapping[str, Callable[[Record], Values]]]] = {
    ODOO_16: {"sale.order": _locked_sale, "sale.order.line": _locked_sale, "res.partner": _cpf},
    ODOO_18: {AGREEMENT: _confirmed},
    ODOO_19: {
        AGREEMENT: _confirmed,
        "purchase.order": _locked_purchase,
        "purchase.order.line": _of_locked,
        "purchase.request.allocation": _open_again,
        "purchase.request.line": _in_progress,
    },
}
