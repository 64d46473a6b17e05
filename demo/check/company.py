"""The source as it is now: every record that matters, archived ones too, as Odoo gives it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pydantic import SecretStr

from blocks.odoo import OdooClient
from demo.check.tax_ids import bare
from demo.odoo import OdooProcess

Row = dict[str, Any]
Records = Mapping[int, Row]

GROUP = ("61724241", "18467441")
"""CNPJ roots of the buyer's own group of companies."""


@dataclass(frozen=True)
class Company:
    """The simulator's records by model and id, and whether it has the Brazilian localisation's fields."""

    records: Mapping[str, Records]
    brazilian: bool

    def __getitem__(self, model: str) -> Records:
        """The records of a model by id."""
        return self.records[model]

    def named(self, model: str, record: int | None) -> str | None:
        """The name of a record that a many2one points to."""
        return None if record is None else self[model][record]["name"]

    def code(self, product: int) -> str | None:
        """A product's code."""
        return (self["product.product"][product]["default_code"] or "").strip() or None

    def cnpj(self, partner: Row) -> str | None:
        """The CNPJ of a partner, or whatever stands in its place without the localisation."""
        found: str | None = partner["l10n_br_cnpj"] if self.brazilian else partner["vat"]
        return found

    def tax_id(self, partner: Row) -> str | None:
        """The CNPJ of a partner, or else the CPF."""
        return self.cnpj(partner) or partner.get("l10n_br_cpf") or partner["l10n_br_cpf_code"]

    def of_the_group(self, partner: int | None) -> bool:
        """Whether a partner is a company of the buyer's own group."""
        found = self.cnpj(self["res.partner"][partner]) if partner else None
        places = bare(found) or ""
        return len(places) == 14 and places.startswith(GROUP)

    def is_stocked(self, product: int | None) -> bool:
        """Whether there is a product, of which stock is kept."""
        if product is None:
            return False
        kind = self["product.product"][product]
        return kind["is_storable"] is True or kind["detailed_type"] == "product"

    def in_own_unit(self, quantity: float, unit: int, product: int) -> Decimal:
        """A quantity in the unit that the product's stock is counted in."""
        own = self["product.product"][product]["uom_id"]
        factor, of_own = (Decimal(str(self["uom.uom"][each]["factor_inv"])) for each in (unit, own))
        return Decimal(str(quantity)) * factor / of_own


# What versions of Odoo call otherwise stands after a bar, and after a question mark what only some of them have: it is
# None where there is no such field. The first name is what the checks use.
FIELDS: Mapping[str, str] = {
    "sale.order": "name state partner_id company_id currency_id currency_rate create_date date_order",
    "sale.order.line": (
        "order_id product_id product_uom|product_uom_id product_uom_qty price_unit price_subtotal is_downpayment"
    ),
    "account.move": "name state move_type company_id currency_id date partner_id invoice_line_ids invoice_origin",
    "account.move.line": (
        "product_id product_uom_id quantity price_subtotal price_total balance is_downpayment sale_line_ids"
    ),
    "purchase.request": "name state company_id create_date date_start requested_by description",
    "purchase.request.line": "request_id product_id product_qty product_uom_id date_required purchase_state cancelled",
    "purchase.requisition": "name",
    "purchase.order": (
        "name state partner_id company_id date_order user_id requisition_id currency_id currency_rate locked?"
    ),
    "purchase.order.line": (
        "order_id product_id product_qty product_uom|product_uom_id qty_received price_unit discount? price_subtotal "
        "date_planned display_type"
    ),
    "purchase.request.allocation": (
        "purchase_request_line_id purchase_line_id stock_move_id company_id requested_product_uom_qty "
        "allocated_product_qty open_product_qty create_date"
    ),
    "stock.picking": "name state origin partner_id location_id date_done picking_type_code",
    "stock.move": (
        "picking_id product_id state quantity|quantity_done product_uom purchase_line_id origin_returned_move_id"
    ),
    "stock.location": "usage",
    "mrp.production": "name state product_id product_uom_id qty_produced date_start date_finished date_planned_start?",
    "product.product": "default_code name detailed_type? is_storable? uom_id",
    "res.partner": "name vat commercial_company_name l10n_br_cpf_code?",
    "uom.uom": "name factor_inv|factor",
    "res.company": "name currency_id",
    "res.currency": "name",
    "res.users": "name",
}
BRAZILIAN_FIELDS: Mapping[str, str] = {
    "sale.order": "l10n_br_tipo_pedido",
    "account.move": "l10n_br_numero_nota_fiscal l10n_br_tipo_pedido",
    "account.move.line": "l10n_br_total_nfe",
    "purchase.order": "l10n_br_tipo_pedido",
    "purchase.order.line": "l10n_br_icms_valor l10n_br_pis_valor l10n_br_cofins_valor",
    "res.partner": "l10n_br_cnpj l10n_br_cpf l10n_br_razao_social",
}


def read_company(odoo: OdooProcess, models: Collection[str] = tuple(FIELDS)) -> Company:
    """All that is in the source, or what it holds of some models."""
    client = OdooClient(url=odoo.url, db=odoo.db, username=odoo.username, secret=SecretStr(odoo.password))
    with client:
        brazilian = "l10n_br_numero_nota_fiscal" in client.fields("account.move")

        def records(model: str, fields: str) -> Records:
            more = BRAZILIAN_FIELDS.get(model, "") if brazilian else ""
            names = {name: _shown(client, model, name) for name in [*fields.split(), *more.split()]}
            pages = client.pages(model, [], [name for name in names.values() if name])
            return {record["id"]: _renamed(record, names) for page in pages for record in page}

        return Company({model: records(model, FIELDS[model]) for model in models}, brazilian)


def _shown(client: OdooClient, model: str, name: str) -> str | None:
    """What the server calls a field."""
    known = client.fields(model)
    names = name.removesuffix("?").split("|")
    return next((each for each in names if each in known), None if name.endswith("?") else names[0])


def _renamed(record: Row, names: Mapping[str, str | None]) -> Row:
    """A record by the names that the checks use."""
    used = ((name.removesuffix("?").partition("|")[0], shown) for name, shown in names.items())
    row: Row = {"id": record["id"], **{name: record[shown] if shown else None for name, shown in used}}
    if "date_planned_start" in row:  # up to 16.0 the start that came true is empty where no work order was started
        row["date_start"] = row["date_start"] or row["date_planned_start"]
    return row
