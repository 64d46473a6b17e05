"""A whole company through the simulator: every line of its own records is accounted for in our tables."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from demo.odoo import OdooProcess, odoo_process
from flows.run.counts import Counts
from flows.vendas.carteira import CARTEIRA
from flows.vendas.faturamento import FATURAMENTO
from tests.flows import simulated
from tests.flows.vendas.vendas_samples import Vendas

pytestmark = pytest.mark.slow

COMPANIES = {
    "recorded": {"company": "recorded"},
    "generated with localisation": {"company": "generated", "orders": 150, "profile": "ciel_it"},
}


@dataclass
class Company(simulated.Company):
    """A simulated company and the sales tables that it is synced into."""

    vendas: Vendas

    def sync(self, **asked: Any) -> dict[str, Counts]:
        """Both entities in their order."""
        return {"faturamento": self.run(FATURAMENTO, **asked), "carteira": self.run(CARTEIRA, **asked)}


@pytest.fixture(scope="module")
def company_process() -> Iterator[Callable[[str], OdooProcess]]:
    """Companies by name, each started once and only if it is wanted."""
    running: dict[str, tuple[Any, OdooProcess]] = {}

    def started(name: str) -> OdooProcess:
        if name not in running:
            context = odoo_process(**COMPANIES[name])
            running[name] = (context, context.__enter__())
        return running[name][1]

    yield started
    for context, _ in running.values():
        context.__exit__(None, None, None)


def opened(process: OdooProcess, vendas: Vendas) -> Iterator[Company]:
    with simulated.company_of(process, vendas.engine) as company:
        yield Company(company.odoo, company.rpc, company.engine, vendas)


@pytest.fixture(params=COMPANIES)
def company(
    request: pytest.FixtureRequest, company_process: Callable[[str], OdooProcess], vendas: Vendas
) -> Iterator[Company]:
    """Every company in turn, to be read only."""
    yield from opened(company_process(request.param), vendas)


@pytest.fixture
def changing(vendas: Vendas, changing_process: OdooProcess) -> Iterator[Company]:
    """The recorded company, synced once and then written to; its clock stands an hour after the last sync."""
    for each in opened(changing_process, vendas):
        each.sync()
        each.odoo.control("clock", seconds=3600)
        yield each


@pytest.fixture(scope="module")
def changing_process() -> Iterator[OdooProcess]:
    with odoo_process() as process:
        yield process


def failed_lines(company: Company, entity: str) -> set[int]:
    return {
        record
        for (record,) in company.vendas.fetch(f"SELECT registro_id FROM import_failures WHERE entidade = '{entity}'")
    }


def rows(company: Company, query: str, key: int) -> dict[Any, Any]:
    return company.vendas.by(query, key)


def test_every_order_line_is_in_the_table_or_in_quarantine_or_counted_as_ignored(company: Company) -> None:
    counts = company.sync()["carteira"]
    orders = company.records("sale.order", "name state")
    codes = company.records("product.product", "default_code")
    expected: defaultdict[tuple[str, str], float] = defaultdict(float)
    new, ignored, rejected, lines = (
        0,
        0,
        set(),
        company.records("sale.order.line", "order_id product_id product_uom_qty"),
    )
    for line in lines.values():
        if not line["product_id"]:
            ignored += 1
        elif not (code := codes[line["product_id"][0]]["default_code"]):
            rejected.add(line["id"])
        else:
            new += 1
            expected[orders[line["order_id"][0]]["name"], code] += line["product_uom_qty"]
    stored = "SELECT num_pedido, cod_produto, qtd_produto_pedido::float FROM carteira_principal"
    assert rows(company, stored, 2) == pytest.approx(dict(expected))
    assert failed_lines(company, "carteira") == rejected
    assert (counts.documentos, counts.lidos, counts.novos) == (len(orders), len(lines), new)
    assert (counts.ignorados, counts.rejeitados) == (ignored, len(rejected))
    assert counts.efeitos["linhas da carteira"] == len(expected)
    assert counts.motivos == ({"seção ou nota, sem produto": ignored} if ignored else {})
    assert counts.lidos == counts.novos + counts.ignorados + counts.rejeitados
    states = {order["name"]: order["state"] != "cancel" for order in orders.values()}
    active = rows(company, "SELECT num_pedido, bool_and(ativo) FROM carteira_principal GROUP BY 1", 1)
    assert {name: states[name] for (name,) in active} == {name: value for (name,), value in active.items()}


def test_every_invoice_line_is_in_the_table_or_in_quarantine_or_counted_as_ignored(company: Company) -> None:
    counts = company.sync()["faturamento"]
    localised = "l10n_br_numero_nota_fiscal" in company.rpc.call("account.move", "fields_get", attributes=["type"])
    number = "l10n_br_numero_nota_fiscal" if localised else "name"
    moves = company.records(
        "account.move", f"{number} state company_id invoice_line_ids", [("move_type", "=", "out_invoice")]
    )
    codes = company.records("product.product", "default_code")
    lines = company.records("account.move.line", "product_id quantity price_total")
    expected: defaultdict[tuple[int, str, str], list[Any]] = defaultdict(lambda: [0, 0, None])
    ignored: Counter[str] = Counter()
    rejected = set()
    read = [(move, lines[line]) for move in moves.values() for line in move["invoice_line_ids"]]
    for move, line in read:
        if move[number] in (False, "/"):
            ignored["nota ainda sem número"] += 1
        elif not line["product_id"]:
            ignored["seção ou nota, sem produto"] += 1
        elif not (code := codes[line["product_id"][0]]["default_code"]):
            rejected.add(line["id"])
        else:
            row = expected[move["company_id"][0], move[number], code]
            row[0] += line["quantity"]
            row[1] += line["price_total"]
            row[2] = {"draft": "Provisório", "posted": "Lançado", "cancel": "Cancelado"}[move["state"]]
    stored = rows(
        company,
        "SELECT company_id, numero_nf, cod_produto, qtd_produto_faturado::float, valor_produto_faturado::float, "
        "status_nf FROM faturamento_produtos",
        3,
    )
    assert stored == {key: (pytest.approx(q), pytest.approx(v), status) for key, (q, v, status) in expected.items()}
    assert failed_lines(company, "faturamento") == rejected
    assert counts.motivos == dict(ignored)
    assert (counts.documentos, counts.lidos) == (len(moves), len(read))
    assert counts.lidos == counts.novos + counts.ignorados + counts.rejeitados


def test_what_follows_from_the_invoices_agrees_with_them(company: Company) -> None:
    company.sync()
    wrong_balances = """
        SELECT c.num_pedido, c.cod_produto FROM carteira_principal c
        WHERE c.qtd_saldo_produto_pedido <> CASE WHEN c.ativo THEN c.qtd_produto_pedido - coalesce((
            SELECT sum(f.qtd_produto_faturado) FROM faturamento_produtos f
            WHERE f.origem = c.num_pedido AND f.cod_produto = c.cod_produto AND f.status_nf <> 'Cancelado'), 0)
            ELSE 0 END
    """
    moved = "SELECT faturamento_produto_id, -qtd_movimentacao FROM movimentacao_estoque WHERE ativo"
    posted = "SELECT id, qtd_produto_faturado FROM faturamento_produtos WHERE status_nf = 'Lançado'"
    report = "SELECT company_id, numero_nf, round(valor_total::numeric, 2), ativo FROM relatorio_faturamento_importado"
    summed = (
        "SELECT company_id, numero_nf, sum(valor_produto_faturado), bool_and(status_nf = 'Lançado') "
        "FROM faturamento_produtos WHERE status_nf <> 'Provisório' GROUP BY 1, 2"
    )
    assert company.vendas.fetch(wrong_balances) == []
    assert rows(company, moved, 1) == rows(company, posted, 1) != {}
    assert rows(company, report, 2) == rows(company, summed, 2)


def test_a_second_sync_finds_nothing_new_nor_changed(company: Company) -> None:
    company.sync()
    quiet = ("sync_documento", "import_failures", "sync_metadata")  # these say that a second run took place
    before = {name: content for name, content in company.vendas.everything().items() if name not in quiet}
    again = company.sync()
    assert {name: (counts.novos, counts.atualizados, counts.removidos) for name, counts in again.items()} == {
        "faturamento": (0, 0, 0),
        "carteira": (0, 0, 0),
    }
    after = company.vendas.everything()
    assert {name: after[name] for name in before} == before


def test_an_edited_line_a_cancelled_order_and_a_new_one_arrive_with_the_next_sync(changing: Company) -> None:
    drafts = list(changing.records("sale.order", "order_line", [("state", "in", ("draft", "sent"))]).values())
    edited, left = drafts[0], drafts[1]
    line = next(
        each
        for each in edited["order_line"]
        if changing.records("sale.order.line", "product_id", [("id", "=", each)])[each]["product_id"]
    )
    changing.rpc.call("sale.order.line", "write", [line], {"product_uom_qty": 4321})
    changing.rpc.call("sale.order", "action_cancel", [left["id"]])
    product = changing.records("product.product", "default_code", [("default_code", "!=", False)])
    new = changing.rpc.call(
        "sale.order", "create", {"partner_id": 20, "order_line": [[0, 0, {"product_id": min(product)}]]}
    )
    counts = changing.sync()["carteira"]
    assert counts.novos == 1
    assert counts.documentos == 3
    found = "SELECT DISTINCT odoo_order_id FROM carteira_principal WHERE"
    assert changing.vendas.fetch(f"{found} qtd_produto_pedido = 4321") == [(edited["id"],)]
    assert changing.vendas.fetch(f"{found} odoo_order_id = {left['id']} AND ativo") == []
    assert changing.vendas.fetch(f"{found} odoo_order_id = {new} AND ativo") == [(new,)]


def test_a_cancelled_invoice_gives_its_quantities_back(changing: Company) -> None:
    invoice = min(
        changing.records("account.move", "name", [("move_type", "=", "out_invoice"), ("state", "=", "posted")])
    )
    origin = "SELECT origem FROM faturamento_produtos WHERE odoo_move_id = :id"
    balance = f"SELECT sum(qtd_saldo_produto_pedido) FROM carteira_principal WHERE num_pedido IN ({origin})"
    before = changing.vendas.fetch(balance, id=invoice)[0][0]
    invoiced = "SELECT sum(qtd_produto_faturado) FROM faturamento_produtos WHERE odoo_move_id = :id"
    changing.rpc.call("account.move", "button_cancel", [invoice])
    changing.sync()
    assert (
        changing.vendas.fetch(balance, id=invoice)[0][0] == before + changing.vendas.fetch(invoiced, id=invoice)[0][0]
    )
    live = "SELECT count(*) FROM movimentacao_estoque m JOIN faturamento_produtos f ON f.id = faturamento_produto_id"
    assert changing.vendas.fetch(f"{live} WHERE ativo AND f.odoo_move_id = :id", id=invoice) == [(0,)]


def test_a_credit_note_is_no_cancellation_and_no_row(changing: Company) -> None:
    invoices = changing.records(
        "account.move", "invoice_origin", [("move_type", "=", "out_invoice"), ("state", "=", "posted")]
    )
    orders = {each["name"]: each["id"] for each in changing.records("sale.order", "name").values()}
    origin, order = next(
        (key, orders[each["invoice_origin"]]) for key, each in invoices.items() if each["invoice_origin"] in orders
    )
    before = changing.vendas.fetch("SELECT * FROM faturamento_produtos ORDER BY id")
    note = changing.odoo.control("invoice", order=order, refund_of=origin)["id"]
    changing.rpc.call("account.move", "action_post", [note])
    changing.sync()
    assert changing.vendas.fetch("SELECT * FROM faturamento_produtos ORDER BY id") == before
    assert changing.vendas.fetch("SELECT count(*) FROM faturamento_produtos WHERE odoo_move_id = :id", id=note) == [
        (0,)
    ]


def test_a_late_commit_within_the_overlap_is_not_lost(changing: Company) -> None:
    order = min(changing.records("sale.order", "name", [("state", "=", "sale")]))
    changing.sync()
    changing.odoo.control(
        "late_commit", model="sale.order", ids=[order], values={"client_order_ref": "TARDE"}, seconds=500
    )
    changing.odoo.control("clock", seconds=6 * 3600)
    changing.sync()
    shown = "SELECT DISTINCT pedido_cliente FROM carteira_principal WHERE odoo_order_id = :id"
    assert changing.vendas.fetch(shown, id=order) == [("TARDE",)]


def test_a_deleted_order_is_found_by_its_absence(changing: Company) -> None:
    product = changing.records("product.product", "default_code", [("default_code", "!=", False)])
    lines = [[0, 0, {"product_id": min(product)}]]
    order = changing.rpc.call("sale.order", "create", {"partner_id": 20, "order_line": lines})
    changing.sync()
    changing.rpc.call("sale.order", "unlink", [order])
    assert changing.sync()["carteira"].removidos == 1
    shown = "SELECT ativo, qtd_saldo_produto_pedido, motivo_exclusao FROM carteira_principal WHERE odoo_order_id = :id"
    assert changing.vendas.fetch(shown, id=order) == [(False, 0, "Item ou pedido excluído no Odoo")]


def test_a_raw_impossible_value_is_kept_aside_and_comes_in_when_mended(changing: Company) -> None:
    order = max(changing.records("sale.order", "name", [("state", "=", "sale")]))
    changing.odoo.control("raw", model="sale.order", id=order, values={"commitment_date": "0000-00-00"})
    changing.rpc.call("sale.order", "write", [order], {"client_order_ref": "PC-NOVO"})
    broken = changing.sync()["carteira"]
    assert broken.rejeitados > 0
    assert (broken.removidos, broken.novos) == (0, 0)
    changing.rpc.call("sale.order", "write", [order], {"commitment_date": "2026-12-24 15:00:00"})
    changing.sync()
    shown = (
        "SELECT DISTINCT data_entrega_pedido::text, pedido_cliente FROM carteira_principal WHERE odoo_order_id = :id"
    )
    assert changing.vendas.fetch(shown, id=order) == [("2026-12-24", "PC-NOVO")]
    assert changing.vendas.fetch("SELECT DISTINCT status FROM import_failures") == [("resolvido",)]
