"""What the Brazilian localisation of CIEL IT, and the customisations around it, add to a plain Odoo 17.

Every `l10n_br_*` field is filled from the standard one that holds the same fact, so both companies have both profiles.
"""

from typing import Any, Final

from demo.odoo.company import BRAZIL, STATES
from demo.odoo.derived import Rules
from demo.odoo.records import Record
from demo.odoo.store import Store

LOCAL: Final = Rules()

_CITY: Final = "l10n_br_ciel_it_account.res.municipio"
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


def install(store: Store) -> None:
    """Add the records of the localisation, before the company's records are loaded."""
    for model, records in _RECORDS.items():
        store.tables[model].load(records)


@LOCAL.derived("res.partner", "l10n_br_cnpj l10n_br_cpf l10n_br_razao_social", "vat name", stored=False)
def _partner(partner: Record) -> tuple[str | None, str | None, str | None]:
    digits = sum(letter.isdigit() for letter in partner.vat or "")
    return (
        partner.vat if digits == 14 else None,
        partner.vat if digits == 11 else None,
        (partner.name or "").upper() or None,
    )


@LOCAL.derived("res.partner", "l10n_br_municipio_id", "city state_id", stored=False)
def _city(partner: Record) -> int | None:
    """The municipality of a partner's city and state, added to the list if it is new."""
    state = partner.state_id
    if not partner.city or not state:
        return None
    table = partner.env.store.tables[_CITY]
    for city in sorted(table.having("name", [partner.city])):
        if table.value(city, "state_id") == state.id:
            return city
    return table.insert({"name": partner.city, "display_name": f"{partner.city} ({state.code})", "state_id": state.id})


@LOCAL.derived("res.partner", "l10n_br_endereco_bairro l10n_br_endereco_numero agendamento", stored=False)
def _address(partner: Record) -> tuple[str, str, bool]:
    number = partner.id or 0
    return _NEIGHBOURHOODS[number % len(_NEIGHBOURHOODS)], str(number % 97 * 10 + 5), number % 3 == 0


@LOCAL.derived("sale.order", "l10n_br_tipo_pedido payment_provider_id carrier_id picking_note", stored=False)
def _order(order: Record) -> tuple[str, int, int | None, str | None]:
    number = order.id or 0
    carrier = 1 if order.incoterm.id == _REDESPACHO else 2 if number % 5 == 0 else None
    note = "Entregar pela manhã" if number % 4 == 0 else None
    return _ORDER_KINDS[number % len(_ORDER_KINDS)], number % 3 + 1, carrier, note


LOCAL.related("sale.order", {"l10n_br_pedido_compra": "client_order_ref"}, stored=False)


@LOCAL.derived("sale.order.line", "qty_saldo qty_cancelado", "product_uom_qty qty_invoiced", stored=False)
def _left(line: Record) -> tuple[float, float]:
    return line.product_uom_qty - line.qty_invoiced, 0.0


@LOCAL.derived(
    "account.move", "l10n_br_tipo_pedido l10n_br_numero_nota_fiscal", "l10n_latam_document_number", stored=False
)
def _move(move: Record) -> tuple[str | None, str | None]:
    number, kind, origin = move.l10n_latam_document_number, move.move_type, move.invoice_origin
    kinds = {"out_invoice": "venda", "out_refund": "dev-venda", "in_invoice": "compra"}
    orders = move.env.store.tables["sale.order"].having("name", [origin]) if kind == "out_invoice" and origin else ()
    ordered = next((order.l10n_br_tipo_pedido for order in move.env.records("sale.order", orders)), None)
    return ordered or kinds.get(kind), str(int(number)) if number and number.isdigit() else None


LOCAL.related("account.move", {"l10n_br_cnpj": "partner_id.l10n_br_cnpj"}, stored=False)
LOCAL.related("account.move.line", {"l10n_br_total_nfe": "price_total"}, stored=False)


@LOCAL.derived("purchase.order", "l10n_br_tipo_pedido", stored=False)
def _purchase(order: Record) -> str:
    foreign = order.partner_id.country_id.id not in (None, BRAZIL)
    return "importacao" if foreign else _PURCHASE_KINDS[(order.id or 0) % len(_PURCHASE_KINDS)]


def _taxes(line: Record) -> tuple[float, float, float, float]:
    subtotal, icms = line.price_subtotal, line.price_total - line.price_subtotal
    return round(icms, 2), 0.0, round(subtotal * 0.0165, 2), round(subtotal * 0.076, 2)


for _model in ("sale.order.line", "account.move.line", "purchase.order.line"):
    LOCAL.derived(
        _model,
        "l10n_br_icms_valor l10n_br_icmsst_valor l10n_br_pis_valor l10n_br_cofins_valor",
        "price_subtotal price_total",
        stored=False,
    )(_taxes)


def _goods(product: Record) -> tuple[float, str]:
    return round(product.weight * 1.08, 3), "01" if product.purchase_ok else "04"


for _model in ("product.template", "product.product"):
    LOCAL.derived(_model, "gross_weight l10n_br_tipo_produto", stored=False)(_goods)
