"""Records that cannot be rows wait in quarantine with their reason; everything else is stored."""

from collections.abc import Iterator

import pytest

from demo.odoo import OdooProcess, odoo_process
from flows.vendas.carteira import carteira
from tests.flows.conftest import House

pytestmark = pytest.mark.prefect

BAD_DATE, LONG_NUMBER, NO_CODE = 6, 8, 4


@pytest.fixture(scope="module")
def odoo() -> Iterator[OdooProcess]:
    """A company of the module's own, since it is spoilt."""
    with odoo_process() as process:
        yield process


def test_bad_records_are_kept_with_their_reason_and_their_neighbours_are_stored(house: House) -> None:
    good = house.completed(carteira, dry_run=True)
    [[line, *others]] = [row["order_line"] for row in house.rpc("sale.order", "read", [NO_CODE], fields=["order_line"])]
    product = house.rpc("sale.order.line", "read", [line], fields=["product_id"])[0]["product_id"][0]
    code = house.rpc("product.product", "read", [product], fields=["default_code"])[0]["default_code"]
    uses = house.rpc("sale.order.line", "search_count", [["product_id", "=", product]])
    number = house.rpc("sale.order", "read", [LONG_NUMBER], fields=["name"])[0]["name"]
    in_long = house.rpc("sale.order.line", "search_count", [["order_id", "in", [LONG_NUMBER, BAD_DATE]]])
    overlap = [["product_id", "=", product], ["order_id", "in", [LONG_NUMBER, BAD_DATE]]]
    bad = uses + in_long - house.rpc("sale.order.line", "search_count", overlap)

    house.odoo.control("raw", model="product.product", id=product, values={"default_code": None})
    house.odoo.control("raw", model="sale.order", id=LONG_NUMBER, values={"name": "N" * 60})
    house.odoo.control("raw", model="sale.order", id=BAD_DATE, values={"commitment_date": "0000-00-00"})
    result = house.completed(carteira)

    assert result["rejeitados"] == bad
    assert result["lidos"] == good["lidos"]
    assert result["novos"] == house.value("SELECT count(*) FROM carteira_linha") > good["novos"] - bad - 1
    assert house.last_log()[0] == "parcial"
    assert house.last_log()[3] == bad
    failures = house.rows("SELECT documento_id, erro, documento, status, tentativas FROM import_failures")
    assert len(failures) == bad
    reasons = {document: reason for document, reason, *_ in failures}
    assert "Código do produto" in reasons[NO_CODE]
    assert "num_pedido" in reasons[LONG_NUMBER] or "50" in reasons[LONG_NUMBER]
    assert "0000-00-00" in reasons[BAD_DATE]
    assert {row[3:] for row in failures} == {("pendente", 1)}
    assert house.value("SELECT count(*) FROM import_failures WHERE payload->'linha' IS NOT NULL") == bad
    stored = house.value("SELECT count(*) FROM carteira_linha WHERE odoo_order_id = %(o)s", o=NO_CODE)
    assert stored == len(others)
    assert house.checkpoint() is not None

    # Mended in Odoo without a new write date, and its next attempt due: stored without anybody asking.
    house.odoo.control("raw", model="product.product", id=product, values={"default_code": code})
    house.odoo.control("raw", model="sale.order", id=LONG_NUMBER, values={"name": number})
    house.odoo.control("raw", model="sale.order", id=BAD_DATE, values={"commitment_date": None})
    house.do("UPDATE import_failures SET proxima_tentativa = now()")
    assert house.completed(carteira)["rejeitados"] == 0
    assert house.rows("SELECT DISTINCT status FROM import_failures") == [("resolvido",)]
    assert house.value("SELECT count(*) FROM carteira_linha") == good["novos"]
    assert house.last_log()[0] == "sucesso"
