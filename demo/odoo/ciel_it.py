"""What the Brazilian localisation of CIEL IT, and the customisations around it, add to a plain Odoo 17.

Every `l10n_br_*` field is filled from the standard one that holds the same fact, so both companies have both profiles.
"""

from typing import Any, Final

from demo.odoo.company import BRAZIL
from demo.odoo.environment import Rules
from demo.odoo.geography import STATES
from demo.odoo.store import Store

_CITY: Final = "l10n_br_ciel_it_account.res.municipio"
_TAXES: Final = (
    "l10n_br_icms_valor:monetary l10n_br_icmsst_valor:monetary l10n_br_pis_valor:monetary l10n_br_cofins_valor:monetary"
)

FIELDS: Final = {
    _CITY: "name:char state_id:many2one:res.country.state",
    "l10n_br_ciel_it_account.dfe": (
        "nfe_infnfe_ide_nnf:char nfe_infnfe_ide_serie:char nfe_infnfe_ide_dhemi:datetime "
        "nfe_infnfe_total_icmstot_vnf:float protnfe_infnfe_chnfe:char"
    ),
    "payment.provider": "name:char",
    "delivery.carrier": "name:char active:boolean l10n_br_partner_id:many2one:res.partner",
    "res.partner": (
        f"l10n_br_cnpj:char l10n_br_cpf:char l10n_br_razao_social:char l10n_br_municipio_id:many2one:{_CITY} "
        "l10n_br_endereco_bairro:char l10n_br_endereco_numero:char agendamento:boolean"
    ),
    "sale.order": (
        "l10n_br_tipo_pedido:selection l10n_br_pedido_compra:char payment_provider_id:many2one:payment.provider "
        "carrier_id:many2one:delivery.carrier picking_note:text"
    ),
    "sale.order.line": f"qty_saldo:float qty_cancelado:float {_TAXES}",
    "account.move": "l10n_br_tipo_pedido:selection l10n_br_numero_nota_fiscal:char l10n_br_cnpj:char",
    "account.move.line": f"l10n_br_total_nfe:monetary {_TAXES}",
    "purchase.order": "l10n_br_tipo_pedido:selection dfe_id:many2one:l10n_br_ciel_it_account.dfe",
    "purchase.order.line": _TAXES,
    "product.template": "gross_weight:float l10n_br_tipo_produto:selection",
    "product.product": "gross_weight:float l10n_br_tipo_produto:selection",
}

# One order in seven is neither plain sale: bonus goods, industrialisation and export go through the same documents.
_ORDER_KINDS: Final = ("venda",) * 11 + ("bonificacao", "industrializacao", "exportacao")
# Purchases go round too: mostly plain ones, some that are none (those of foreign suppliers are imports).
_PURCHASE_KINDS: Final = (
    *("compra",) * 7,
    *("serv-industrializacao", "industrializacao", "ent-bonificacao", "transferencia"),
)
_REDESPACHO: Final = 16  # incoterm: the delivery address is the carrier's
_NEIGHBOURHOODS: Final = ("Centro", "Vila Nova", "Distrito Industrial", "Jardim América", "Boa Vista")

_RECORDS: Final[dict[str, list[dict[str, Any]]]] = {
    "payment.provider": [{"id": 1, "name": "Boleto Bancário"}, {"id": 2, "name": "Pix"}, {"id": 3, "name": "Depósito"}],
    "delivery.carrier": [
        {"id": 1, "name": "Transportadora Serra Azul", "active": True, "l10n_br_partner_id": 1},
        {"id": 2, "name": "Retira na fábrica", "active": True},
    ],
    _CITY: [
        {"id": number, "name": city, "display_name": f"{city} ({state.code})", "state_id": state.id}
        for number, (state, city) in enumerate(((s, c) for s in STATES for c in s.cities), start=1)
    ],
}


def install(store: Store, rules: Rules) -> None:
    """Add the records and rules of the localisation, before the company's records are loaded."""
    for model, records in _RECORDS.items():
        store.tables[model].load(records)
    rules.initial |= {"res.partner": [_new_partner], "sale.order": [_new_order], "purchase.order": [_new_purchase]}
    rules.initial |= {
        "product.template": [_weight("product.template")],
        "product.product": [_weight("product.product")],
    }
    added = {
        "res.partner": _partner,
        "sale.order": _order,
        "sale.order.line": _order_line,
        "account.move": _move,
        "account.move.line": _move_line,
        "purchase.order.line": _purchase_line,
    }
    for model, rule in added.items():
        rules.following.setdefault(model, []).append(rule)


def _partner(store: Store, partner: int) -> dict[str, Any]:
    vat, name = (store.value("res.partner", partner, field) for field in ("vat", "name"))
    digits = "".join(letter for letter in vat or "" if letter.isdigit())
    return {
        "l10n_br_cnpj": vat if len(digits) == 14 else None,
        "l10n_br_cpf": vat if len(digits) == 11 else None,
        "l10n_br_razao_social": (name or "").upper() or None,
        "l10n_br_municipio_id": _city(store, partner),
    }


def _city(store: Store, partner: int) -> int | None:
    """The municipality of a partner's city and state, added to the list if it is new."""
    name, state = (store.value("res.partner", partner, field) for field in ("city", "state_id"))
    if not name or not state:
        return None
    table = store.tables[_CITY]
    for city in sorted(table.having("name", [name])):
        if table.value(city, "state_id") == state:
            return city
    code = store.value("res.country.state", state, "code")
    return table.insert({"name": name, "display_name": f"{name} ({code})", "state_id": state})


def _new_partner(store: Store, partner: int) -> dict[str, Any]:
    return {
        "l10n_br_endereco_bairro": _NEIGHBOURHOODS[partner % len(_NEIGHBOURHOODS)],
        "l10n_br_endereco_numero": str(partner % 97 * 10 + 5),
        "agendamento": partner % 3 == 0,
    }


def _new_order(store: Store, order: int) -> dict[str, Any]:
    return {
        "l10n_br_tipo_pedido": _ORDER_KINDS[order % len(_ORDER_KINDS)],
        "payment_provider_id": order % 3 + 1,
        "carrier_id": 1
        if store.value("sale.order", order, "incoterm") == _REDESPACHO
        else 2
        if order % 5 == 0
        else None,
        "picking_note": "Entregar pela manhã" if order % 4 == 0 else None,
    }


def _order(store: Store, order: int) -> dict[str, Any]:
    return {"l10n_br_pedido_compra": store.value("sale.order", order, "client_order_ref")}


def _order_line(store: Store, line: int) -> dict[str, Any]:
    ordered, invoiced, subtotal, tax = (
        store.value("sale.order.line", line, name) or 0.0
        for name in ("product_uom_qty", "qty_invoiced", "price_subtotal", "price_tax")
    )
    return {"qty_saldo": ordered - invoiced, "qty_cancelado": 0.0, **_taxes(subtotal, tax)}


def _move(store: Store, move: int) -> dict[str, Any]:
    partner, number, kind, origin = (
        store.value("account.move", move, name)
        for name in ("partner_id", "l10n_latam_document_number", "move_type", "invoice_origin")
    )
    kinds = {"out_invoice": "venda", "out_refund": "dev-venda", "in_invoice": "compra"}
    orders = store.tables["sale.order"].having("name", [origin]) if kind == "out_invoice" and origin else ()
    ordered = next((store.value("sale.order", order, "l10n_br_tipo_pedido") for order in orders), None)
    return {
        "l10n_br_tipo_pedido": ordered or kinds.get(kind),
        "l10n_br_numero_nota_fiscal": str(int(number)) if number and number.isdigit() else None,
        "l10n_br_cnpj": store.value("res.partner", partner, "l10n_br_cnpj"),
    }


def _move_line(store: Store, line: int) -> dict[str, Any]:
    subtotal, total = (
        store.value("account.move.line", line, name) or 0.0 for name in ("price_subtotal", "price_total")
    )
    return {"l10n_br_total_nfe": total, **_taxes(subtotal, total - subtotal)}


def _new_purchase(store: Store, order: int) -> dict[str, Any]:
    country = store.value("res.partner", store.value("purchase.order", order, "partner_id"), "country_id")
    foreign = country not in (None, BRAZIL)
    return {"l10n_br_tipo_pedido": "importacao" if foreign else _PURCHASE_KINDS[order % len(_PURCHASE_KINDS)]}


def _purchase_line(store: Store, line: int) -> dict[str, Any]:
    subtotal, total = (
        store.value("purchase.order.line", line, name) or 0.0 for name in ("price_subtotal", "price_total")
    )
    return _taxes(subtotal, total - subtotal)


def _taxes(subtotal: float, icms: float) -> dict[str, float]:
    return {
        "l10n_br_icms_valor": round(icms, 2),
        "l10n_br_icmsst_valor": 0.0,
        "l10n_br_pis_valor": round(subtotal * 0.0165, 2),
        "l10n_br_cofins_valor": round(subtotal * 0.076, 2),
    }


def _weight(model: str) -> Any:
    def rule(store: Store, record: int) -> dict[str, Any]:
        kind = "01" if store.value(model, record, "purchase_ok") else "04"
        return {
            "gross_weight": round((store.value(model, record, "weight") or 0.0) * 1.08, 3),
            "l10n_br_tipo_produto": kind,
        }

    return rule
