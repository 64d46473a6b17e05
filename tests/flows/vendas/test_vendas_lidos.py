"""Orders and invoices are as they were last read, whatever clocks and write dates say."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from demo.odoo import OdooProcess, odoo_process
from flows.run.errors import SourceChanged
from flows.sync.plan import AHEAD, BEHIND
from flows.vendas.carteira import CARTEIRA
from flows.vendas.faturamento import FATURAMENTO
from tests.flows.at_once import Crash
from tests.flows.simulated import Company, company_of

pytestmark = pytest.mark.slow

A = 7
"""A product of the recorded company."""
SWEEP = {"janela_minutos": 43200}


@pytest.fixture(scope="module")
def recorded() -> Iterator[OdooProcess]:
    with odoo_process() as process:
        yield process


@pytest.fixture
def c(recorded: OdooProcess, banco: Engine) -> Iterator[Company]:
    """The recorded company, its last change hours ago."""
    with company_of(recorded, banco) as company:
        company.skip(hours=6)
        yield company


def order(c: Company, *lines: tuple[float, float]) -> int:
    """A sale order of product A, by quantity and price."""
    given = [[0, 0, {"product_id": A, "product_uom_qty": quantity, "price_unit": price}] for quantity, price in lines]
    return c.rpc.call("sale.order", "create", {"partner_id": 20, "order_line": given})  # type: ignore[no-any-return]


def lines_of(c: Company, number: int) -> list[int]:
    return sorted(c.rpc.call("sale.order", "read", [number], fields=["order_line"])[0]["order_line"])


def stored(c: Company, number: int, column: str = "qtd_produto_pedido") -> Any:
    found = c.fetch(f"SELECT {column} FROM carteira_principal WHERE odoo_order_id = :o AND ativo", o=number)
    return [value for (value,) in found]


def checkpoint(c: Company) -> datetime:
    return c.fetch("SELECT checkpoint FROM sync_metadata WHERE entidade = 'carteira'")[0][0]


def clock(c: Company) -> datetime:
    return datetime.fromisoformat(c.odoo.control("clock", seconds=0)["now"]).replace(tzinfo=UTC)


def raw(c: Company, model: str, number: int, **values: Any) -> None:
    c.odoo.control("raw", model=model, id=number, values=values)


def refer(c: Company, number: int, text: str) -> None:
    c.rpc.call("sale.order", "write", [number], {"client_order_ref": text})


# --- the last read decides -----------------------------------------------------------------------------------------


def test_a_line_that_was_written_last_and_is_deleted_takes_its_quantity_with_it(c: Company) -> None:
    number = order(c, (10, 10), (1, 0))
    c.skip(minutes=15)
    gift = lines_of(c, number)[1]
    c.rpc.call("sale.order.line", "write", [gift], {"product_uom_qty": 2})
    c.run(CARTEIRA)
    assert stored(c, number) == [12]
    c.skip(minutes=15)
    c.rpc.call("sale.order.line", "unlink", [gift])
    raw(c, "sale.order", number, write_date=f"{clock(c) - timedelta(hours=1):%Y-%m-%d %H:%M:%S}")
    counts = c.run(CARTEIRA)
    assert stored(c, number) == [10]
    assert (counts.removidos, counts.efeitos["linhas da carteira"]) == (1, 1)


@pytest.mark.parametrize("ahead", [timedelta(minutes=90), timedelta(days=400)])
def test_a_change_stamped_in_the_future_is_followed_by_the_next(c: Company, ahead: timedelta) -> None:
    number = order(c, (10, 10))
    raw(c, "sale.order", number, write_date=f"{clock(c) + ahead:%Y-%m-%d %H:%M:%S}", client_order_ref="A")
    first = c.run(CARTEIRA)
    assert stored(c, number, "pedido_cliente") == ["A"]
    assert first.avisos[BEHIND] == 1
    refer(c, number, "B")
    assert c.run(CARTEIRA).atualizados == 1
    assert stored(c, number, "pedido_cliente") == ["B"]
    assert checkpoint(c) <= clock(c)


@pytest.mark.parametrize("asked", [{}, SWEEP], ids=["in the window", "by the sweep"])
def test_a_backup_that_was_restored_is_followed_back(c: Company, asked: dict[str, int]) -> None:
    number = order(c, (10, 10))
    refer(c, number, "A")
    [before] = c.rpc.call("sale.order", "read", [number], fields=["write_date"])
    c.run(CARTEIRA)
    c.skip(minutes=20 if not asked else 24 * 60)
    refer(c, number, "B")
    c.run(CARTEIRA)
    c.skip(minutes=15)
    c.run(CARTEIRA)
    raw(c, "sale.order", number, client_order_ref="A", write_date=before["write_date"])
    assert stored(c, number, "pedido_cliente") == ["B"]
    c.run(CARTEIRA, **_request(asked))
    assert stored(c, number, "pedido_cliente") == ["A"]


def _request(asked: dict[str, int]) -> dict[str, Any]:
    return {"width": timedelta(minutes=asked["janela_minutos"])} if asked else {}


# --- the clock -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("minutes", [90, -90, 180, -180])
def test_a_date_header_that_is_wrong_hides_nothing_and_is_told(c: Company, minutes: int) -> None:
    number = order(c, (10, 10))
    c.run(CARTEIRA)
    c.odoo.control("date_header", seconds=minutes * 60)
    told = set[str]()
    for run in range(4):
        c.skip(minutes=30)
        refer(c, number, f"REF {run}")
        told |= c.run(CARTEIRA).avisos.keys()
        assert stored(c, number, "pedido_cliente") == [f"REF {run}"]
        assert checkpoint(c) <= clock(c)
    assert told & {AHEAD, BEHIND} == {AHEAD if minutes > 0 else BEHIND}


def test_a_change_behind_the_last_one_is_found_though_the_header_says_that_it_is_late(c: Company) -> None:
    number = order(c, (10, 10), (1, 0))
    c.run(CARTEIRA)
    c.odoo.control("date_header", seconds=90 * 60)
    c.skip(minutes=30)
    refer(c, number, "B")
    c.run(CARTEIRA)
    line = lines_of(c, number)[0]
    c.odoo.control("late_commit", model="sale.order.line", ids=[line], values={"price_unit": 11}, seconds=300)
    raw(c, "sale.order", number, client_order_ref="C")  # the same second, as RPC shows it
    c.run(CARTEIRA)
    assert stored(c, number, "pedido_cliente") == ["C"]


def test_a_right_header_is_not_complained_of(c: Company) -> None:
    number = order(c, (10, 10))
    for run in range(4):
        refer(c, number, f"REF {run}")
        counts = c.run(CARTEIRA)
        assert (counts.avisos.keys() & {AHEAD, BEHIND}, counts.tardios) == (set(), 0)
        c.skip(minutes=7 * 2**run)


def test_a_quiet_source_costs_no_reading(c: Company) -> None:
    order(c, (10, 10))
    for _ in range(2):
        c.run(CARTEIRA)
        c.skip(minutes=30)
    stands = checkpoint(c)
    for _ in range(3):
        assert c.run(CARTEIRA).documentos == 0
        c.skip(hours=5)
    assert checkpoint(c) == stands


# --- the first complete run after a partial one --------------------------------------------------------------------


@pytest.mark.parametrize("died", [True, False], ids=["a first load that died", "a run of a span"])
def test_what_only_a_line_shows_is_seen_by_the_first_complete_run(c: Company, died: bool) -> None:
    number = order(c, (10, 10))
    c.skip(minutes=30)
    c.rpc.call("sale.order.line", "write", lines_of(c, number), {"price_unit": 11})
    c.skip(minutes=30)
    if died:
        with pytest.raises(Crash):
            c.run(CARTEIRA, batch=5000, crash_after=1)
    else:
        c.run(CARTEIRA, width=timedelta(days=30))
    [line] = lines_of(c, number)
    c.rpc.call("sale.order.line", "write", [line], {"product_uom_qty": 9})
    now = clock(c)
    raw(c, "sale.order", number, write_date=f"{now - timedelta(hours=1):%Y-%m-%d %H:%M:%S}")
    c.skip(minutes=30)
    counts = c.run(CARTEIRA)
    assert stored(c, number) == [9]
    assert 1 <= counts.documentos < 10, "what has not changed since is not read again"


# --- long transactions ---------------------------------------------------------------------------------------------


def test_what_a_long_transaction_wrote_is_found_by_the_sweep(c: Company) -> None:
    number = order(c, (10, 10), (5, 10))
    c.run(CARTEIRA)
    c.skip(hours=1)
    long, sister = lines_of(c, number)
    c.rpc.call("sale.order.line", "write", [sister], {"product_uom_qty": 6})
    for minutes in (1, 11):  # read twice, and now it counts as settled
        c.skip(minutes=minutes)
        c.run(CARTEIRA)
    c.skip(minutes=5)
    values = {"product_uom_qty": 20}
    [before] = c.rpc.call("sale.order", "read", [number], fields=["write_date"])
    c.odoo.control("late_commit", model="sale.order.line", ids=[long], values=values, seconds=18 * 60)
    raw(c, "sale.order", number, write_date=before["write_date"])
    c.skip(hours=8)
    assert c.run(CARTEIRA).documentos == 0
    c.run(CARTEIRA, **_request(SWEEP))
    assert stored(c, number) == [26]
    c.skip(hours=24)
    c.run(CARTEIRA, **_request(SWEEP))
    c.skip(hours=24)
    assert c.run(CARTEIRA, **_request(SWEEP)).documentos == 0


# --- records without a date ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("date", [None, "ontem", "0000-00-00 00:00:00"])
@pytest.mark.parametrize("part", ["sale.order", "sale.order.line"])
def test_a_record_without_a_date_stops_nobody(c: Company, part: str, date: str | None) -> None:
    number, other = order(c, (10, 10), (1, 0)), order(c, (3, 10))
    odd = number if part == "sale.order" else lines_of(c, number)[0]
    raw(c, part, odd, write_date=date)
    c.run(CARTEIRA)
    assert (stored(c, number), stored(c, other)) == ([11], [3])
    c.skip(minutes=20)
    c.rpc.call("sale.order.line", "write", [lines_of(c, number)[1]], {"product_uom_qty": 5})
    raw(c, part, odd, write_date=date)
    c.run(CARTEIRA)
    assert stored(c, number) == [15]
    c.skip(minutes=20)
    raw(c, "sale.order.line", lines_of(c, number)[0], product_uom_qty=1)  # by SQL: it moves no date
    assert c.run(CARTEIRA).rejeitados == 0
    assert stored(c, number) == [6], "it is read whenever it is met"
    assert c.run(CARTEIRA, numbers=(c.records("sale.order", "name")[number]["name"],)).documentos == 1


# --- fields that are read from elsewhere ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def localised() -> Iterator[OdooProcess]:
    with odoo_process(company="generated", orders=40, profile="ciel_it") as process:
        yield process


def test_invoices_whose_number_is_hidden_are_not_stored_under_another(localised: OdooProcess, banco: Engine) -> None:
    with company_of(localised, banco) as c:
        c.run(FATURAMENTO)
        keys = "SELECT id, numero_nf, status_nf FROM faturamento_produtos ORDER BY id"
        before = c.fetch(keys)
        c.odoo.control("hide_field", model="account.move", field="l10n_br_numero_nota_fiscal")
        for asked in ({}, _request(SWEEP), {"numbers": ("1",)}, {"dry_run": True}):
            with pytest.raises(SourceChanged, match="numero era l10n_br_numero_nota_fiscal e agora é name"):
                c.run(FATURAMENTO, **asked)
        assert c.fetch(keys) == before
        c.odoo.control("reset")
        c.run(FATURAMENTO)
        assert c.fetch(keys) == before


def test_a_field_that_is_read_from_elsewhere_is_told_once(localised: OdooProcess, banco: Engine) -> None:
    with company_of(localised, banco) as c:
        assert not any("lido de outro lugar" in told for told in c.run(FATURAMENTO).avisos)
        c.odoo.control("hide_field", model="account.move.line", field="l10n_br_total_nfe")
        [told] = [each for each in c.run(FATURAMENTO).avisos if "lido de outro lugar" in each]
        assert "linhas.total era l10n_br_total_nfe e agora é price_total" in told
        assert not any("lido de outro lugar" in told for told in c.run(FATURAMENTO).avisos)


def test_a_change_of_the_identifying_field_can_be_accepted(localised: OdooProcess, banco: Engine) -> None:
    with company_of(localised, banco) as c:
        c.run(FATURAMENTO)
        c.odoo.control("hide_field", model="account.move", field="l10n_br_numero_nota_fiscal")
        c.do("UPDATE sync_metadata SET campos = NULL, checkpoint = NULL WHERE entidade = 'faturamento'")
        c.do("UPDATE sync_documento SET lido_em = versao WHERE entidade = 'faturamento'")
        c.run(FATURAMENTO)
        names = {each["name"] for each in c.records("account.move", "name").values()}
        live = c.fetch(
            "SELECT DISTINCT numero_nf FROM faturamento_produtos WHERE status_nf <> 'Cancelado' "
            "AND odoo_move_id NOT IN (SELECT documento_id FROM import_failures)"
        )
        assert live and {number for (number,) in live} <= names
