"""Whole companies through the simulator: every record is accounted for, and stays so however often it is read."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from flows.compras.alocacoes import ALOCACOES
from flows.compras.entradas import ENTRADAS
from flows.compras.pedidos import PEDIDOS, PURCHASE_TYPES
from flows.compras.requisicoes import DEAD, REQUISICOES, STATUS
from tests.flows.compras.compras_company import ENTITIES, Compras

pytestmark = pytest.mark.slow

GROUP = {"61724241", "18467441"}


class Expected:
    """What should become of the source's records, told from them alone."""

    def __init__(self, company: Compras) -> None:
        localised = company.cnpj(None).keys() == {"l10n_br_cnpj"}
        self.products = company.records("product.product", "default_code detailed_type uom_id")
        self.factors = {key: each["factor_inv"] for key, each in company.records("uom.uom", "factor_inv").items()}
        partners = company.records("res.partner", "l10n_br_cnpj" if localised else "vat")
        self.cnpjs = {key: each.get("l10n_br_cnpj") or each.get("vat") or "" for key, each in partners.items()}
        self.rows: dict[int, Any] = {}
        self.ignored: Counter[str] = Counter()
        self.rejected: set[int] = set()
        self.waiting: set[int] = set()

    def of_the_group(self, partner: list[Any] | bool) -> bool:
        digits = "".join(each for each in self.cnpjs[partner[0]] if each.isdigit()) if partner else ""  # type: ignore[index]
        return digits[:8] in GROUP and len(digits) == 14

    def code(self, line: dict[str, Any]) -> str | None:
        """The code of a line's stocked product; None for what has none, counted."""
        product = self.products[line["product_id"][0]] if line["product_id"] else None
        if product is None:
            self.ignored["seção ou nota, sem produto"] += 1
        elif product["detailed_type"] != "product":
            self.ignored["produto que não é de estoque"] += 1
        elif not product["default_code"]:
            self.rejected.add(line["id"])
        return product["default_code"] or None if product and product["detailed_type"] == "product" else None

    def in_own_unit(self, line: dict[str, Any], quantity: float, unit: str) -> float:
        own = self.products[line["product_id"][0]]["uom_id"][0]
        return quantity * self.factors[line[unit][0]] / self.factors[own]  # type: ignore[no-any-return]


def accounted_for(company: Compras, entity: str, counts: Any, expected: Expected, documents: int, lines: int) -> None:
    aside = {record for record, (status, _) in company.kept_aside(entity).items() if status == "pendente"}
    waiting = {record for record, (status, _) in company.kept_aside(entity).items() if status == "aguardando"}
    assert (aside, waiting) == (expected.rejected, expected.waiting)
    assert (counts.documentos, counts.lidos, counts.novos) == (documents, lines, len(expected.rows))
    assert counts.motivos == dict(expected.ignored)
    assert counts.rejeitados == len(expected.rejected)
    assert counts.lidos == counts.novos + counts.ignorados + counts.rejeitados
    assert (counts.removidos, counts.atualizados) == (0, 0)


def test_every_request_line_is_a_row_or_in_quarantine_or_counted_as_ignored(company: Compras) -> None:
    counts = company.run(REQUISICOES)
    expected = Expected(company)
    requests = company.records("purchase.request", "name state line_ids")
    lines = company.records("purchase.request.line", "request_id product_id product_qty cancelled date_required")
    for line in lines.values():
        request = requests[line["request_id"][0]]
        if code := expected.code(line):
            status = STATUS.get(request["state"], "Pendente")
            status = "Cancelada" if line["cancelled"] and status != "Rejeitada" else status
            expected.rows[line["id"]] = (request["name"], code, line["product_qty"], status, status not in DEAD)
    accounted_for(company, "requisicoes", counts, expected, len(requests), len(lines))
    stored = company.fetch(
        "SELECT odoo_id, num_requisicao, cod_produto, qtd_produto_requisicao::float, status, ativo "
        "FROM requisicao_compras"
    )
    assert {number: tuple(rest) for number, *rest in stored} == expected.rows


def test_every_order_line_is_a_row_or_in_quarantine_or_counted_as_ignored(company: Compras) -> None:
    counts = company.run(PEDIDOS)
    expected = Expected(company)
    kinds = "l10n_br_tipo_pedido" in company.rpc.call("purchase.order", "fields_get", attributes=["type"])
    orders = company.records("purchase.order", "name state partner_id" + " l10n_br_tipo_pedido" * kinds)
    lines = company.records(
        "purchase.order.line", "order_id product_id product_qty qty_received product_uom price_unit"
    )
    for line in lines.values():
        order = orders[line["order_id"][0]]
        kind = order.get("l10n_br_tipo_pedido") or None
        if kind is not None and kind not in PURCHASE_TYPES:
            expected.ignored[f"tipo de pedido {kind}"] += 1
        elif expected.of_the_group(order["partner_id"]):
            expected.ignored["fornecedor do grupo"] += 1
        elif code := expected.code(line):
            stocked = expected.in_own_unit(line, line["product_qty"], "product_uom")
            expected.rows[line["id"]] = (
                *(order["name"], code, order["state"], order["state"] != "cancel"),
                pytest.approx((line["product_qty"], stocked, line["qty_received"], line["price_unit"]), abs=6e-4),
            )
    accounted_for(company, "pedidos", counts, expected, len(orders), len(lines))
    stored = company.fetch(
        "SELECT odoo_id, num_pedido, cod_produto, status_odoo, ativo, qtd_produto_pedido::float, "
        "qtd_produto_pedido_estoque::float, qtd_recebida::float, preco_produto_pedido::float FROM pedido_compras"
    )
    assert {number: (*rest[:4], tuple(rest[4:])) for number, *rest in stored} == expected.rows


def test_every_allocation_is_a_row_or_waits_or_is_counted_as_ignored(company: Compras) -> None:
    company.run(REQUISICOES)
    company.run(PEDIDOS)
    counts = company.run(ALOCACOES)
    expected = Expected(company)
    local = {number for (number,) in company.fetch("SELECT odoo_id FROM requisicao_compras")}
    orders = {number for (number,) in company.fetch("SELECT odoo_id FROM pedido_compras")}
    lines = company.records("purchase.request.line", "product_id")
    found = company.records(
        "purchase.request.allocation",
        "purchase_request_line_id purchase_line_id stock_move_id requested_product_uom_qty allocated_product_qty "
        "open_product_qty",
    )
    moves = company.records("stock.move", "purchase_line_id", [["purchase_line_id", "!=", False]])
    states = {number: line["state"] for number, line in company.records("purchase.order.line", "state").items()}
    for number, each in found.items():
        wanted, ordered = (each[name] and each[name][0] for name in ("purchase_request_line_id", "purchase_line_id"))
        move = moves.get(each["stock_move_id"] and each["stock_move_id"][0])
        ordered = ordered or (move and move["purchase_line_id"][0])
        product = wanted and expected.products[lines[wanted]["product_id"][0]]
        if not wanted:
            expected.ignored["alocação sem linha de requisição"] += 1
        elif product["detailed_type"] != "product":
            expected.ignored["produto que não é de estoque"] += 1
        elif wanted not in local:
            expected.ignored["linha de requisição ainda não sincronizada"] += 1
            expected.waiting.add(number)
        else:
            quantities = [
                each[f"{name}_qty"] for name in ("requested_product_uom", "allocated_product", "open_product")
            ]
            link = ordered if ordered in orders else None
            state = states[ordered] if ordered else None
            expected.rows[number] = (wanted, link, product["default_code"], state, pytest.approx(quantities), True)
    accounted_for(company, "alocacoes", counts, expected, len(found), len(found))
    stored = company.fetch(
        "SELECT a.odoo_allocation_id, r.odoo_id, p.odoo_id, a.cod_produto, a.purchase_state, "
        "ARRAY[a.qtd_requisitada, a.qtd_alocada, a.qtd_aberta]::float[], a.ativo FROM requisicao_compra_alocacao a "
        "JOIN requisicao_compras r ON r.id = requisicao_compra_id LEFT JOIN pedido_compras p ON p.id = pedido_compra_id"
    )
    assert {number: tuple(rest) for number, *rest in stored} == expected.rows
    assert len(expected.rows) > 20


def test_every_incoming_stock_move_is_a_movement_or_in_quarantine_or_counted_as_ignored(company: Compras) -> None:
    company.run(PEDIDOS)
    counts = company.run(ENTRADAS)
    expected = Expected(company)
    usages = company.records("stock.location", "usage")
    receipts = company.records(
        "stock.picking",
        "name state origin location_id partner_id move_ids",
        [("picking_type_code", "=", "incoming")],
    )
    moves = company.records(
        "stock.move", "product_id quantity product_uom state purchase_line_id origin_returned_move_id"
    )
    back: Counter[int] = Counter()
    for move in moves.values():
        if move["origin_returned_move_id"] and move["state"] == "done":
            back[move["origin_returned_move_id"][0]] += expected.in_own_unit(move, move["quantity"], "product_uom")
    lines = [(receipt, moves[number]) for receipt in receipts.values() for number in receipt["move_ids"]]
    for receipt, move in lines:
        usage = usages[receipt["location_id"][0]]["usage"]
        if receipt["state"] != "done":
            expected.ignored["recebimento não concluído"] += 1
        elif usage == "customer" or "/DEV/" in receipt["name"]:
            expected.ignored["devolução de cliente"] += 1
        elif expected.of_the_group(receipt["partner_id"]):
            expected.ignored["fornecedor do grupo"] += 1
        elif move["state"] != "done" or not move["quantity"]:
            expected.ignored["movimento sem quantidade concluída"] += 1
        elif not (code := expected.products[move["product_id"][0]]["default_code"]):
            expected.rejected.add(move["id"])
        else:
            came = expected.in_own_unit(move, move["quantity"], "product_uom")
            net = came - back[move["id"]]
            active = net > 1e-9
            ordered = move["purchase_line_id"] and move["purchase_line_id"][0]
            expected.rows[move["id"]] = (
                *(receipt["id"], receipt["origin"], code, ordered or None, active),
                pytest.approx(net if active else came, abs=6e-4),
            )
    accounted_for(company, "entradas", counts, expected, len(receipts), len(lines))
    stored = company.fetch(
        "SELECT odoo_move_id, odoo_picking_id, num_pedido, cod_produto, purchase_line_id, ativo, "
        "qtd_movimentacao::float FROM movimentacao_estoque"
    )
    assert {number: tuple(rest) for number, *rest in stored} == expected.rows
    linked = company.fetch(
        "SELECT count(*) FROM movimentacao_estoque m LEFT JOIN pedido_compras p ON p.odoo_id = m.purchase_line_id "
        "WHERE m.pedido_compras_id IS DISTINCT FROM p.id"
    )
    assert linked == [(0,)]


def test_what_follows_from_the_receipts_agrees_with_them(company: Compras) -> None:
    company.sync()
    wrong = company.fetch("""
        SELECT p.odoo_id FROM pedido_compras p LEFT JOIN LATERAL (
            SELECT max(data_movimentacao) AS ultima, coalesce(sum(qtd_movimentacao), 0) AS total, count(*) AS vezes
            FROM movimentacao_estoque m WHERE m.purchase_line_id = p.odoo_id AND m.ativo
        ) e ON true
        WHERE p.data_pedido_entrega IS DISTINCT FROM e.ultima
           -- Odoo rounds what came to hundredths of the ordered unit
           OR abs(p.qtd_recebida_estoque - e.total) > 0.01 * p.qtd_produto_pedido_estoque / p.qtd_produto_pedido
           OR p.confirmacao_pedido <> (e.vezes > 0) OR (p.confirmado_por = 'odoo_sync') IS DISTINCT FROM
              CASE WHEN e.vezes > 0 THEN true END
    """)
    assert wrong == []
    assert company.fetch("SELECT count(*) FROM pedido_compras WHERE confirmacao_pedido")[0][0] >= 10
    assert company.fetch("SELECT count(*) FROM lead_time_fornecedor WHERE lead_time_historico IS NOT NULL")[0][0] > 0


ASKED = [{}, {"width": timedelta(days=90)}, {"width": timedelta(minutes=90)}]


@pytest.mark.parametrize("asked", ASKED, ids=["from the checkpoint", "90 days", "90 minutes"])
def test_a_second_sync_writes_nothing_whatever_it_reads(company: Compras, asked: dict[str, Any]) -> None:
    company.sync()
    before = company.written()
    again = company.sync(**asked)
    assert company.written() == before
    for counts in again.values():
        assert (counts.novos, counts.atualizados, counts.removidos, counts.tardios) == (0, 0, 0, 0)
        assert not any(counts.efeitos.values())


@pytest.mark.parametrize("asked", [ASKED[0], ASKED[2]], ids=["from the checkpoint", "90 minutes"])
def test_no_live_row_is_taken_for_deleted_90_minutes_and_3_days_after_it_was_first_seen(
    company: Compras, asked: dict[str, Any]
) -> None:
    company.sync()
    before = company.written()
    for span in ({"minutes": 91}, {"days": 3}):
        company.skip(**span)
        again = company.sync(**asked)
        assert {name: counts.removidos for name, counts in again.items()} == dict.fromkeys(again, 0)
        assert company.written() == before


def test_reading_by_number_finds_requests_orders_allocations_and_receipts(buying: Compras) -> None:
    requested = buying.fetch  # the tables are empty: only what is asked for comes in
    allocations = buying.records("purchase.request.allocation", "purchase_request_line_id purchase_line_id")
    both = [each for each in allocations.values() if each["purchase_line_id"]]
    line = buying.records("purchase.request.line", "request_id")[both[0]["purchase_request_line_id"][0]]
    ordered = buying.records("purchase.order.line", "order_id")[both[0]["purchase_line_id"][0]]
    (request, number), (order, order_number) = line["request_id"], ordered["order_id"]
    number, order_number = (
        buying.one("purchase.request", request, "name"),
        buying.one("purchase.order", order, "name"),
    )
    assert buying.run(REQUISICOES, numbers=(number,)).documentos == 1
    assert requested("SELECT DISTINCT requisicao_odoo_id FROM requisicao_compras") == [(request,)]
    assert buying.run(PEDIDOS, numbers=(order_number,)).documentos == 1
    assert requested("SELECT DISTINCT odoo_purchase_order_id FROM pedido_compras") == [(order,)]
    of_request, of_order = (
        {
            key
            for key, each in allocations.items()
            if each[f"purchase_{kind}line_id"] and each[f"purchase_{kind}line_id"][0] in lines
        }
        for kind, lines in (("request_", buying.request_lines(request)), ("", buying.lines(order)))
    )
    assert {both[0]["id"]} <= of_request & of_order
    for asked, wanted in ((number, of_request), (order_number, of_order)):
        buying.do("DELETE FROM requisicao_compra_alocacao")
        assert buying.run(ALOCACOES, numbers=(asked,)).documentos == len(wanted)
        assert {key for (key,) in requested("SELECT odoo_allocation_id FROM requisicao_compra_alocacao")} == wanted


def test_receipts_are_found_by_their_own_number_and_by_the_order_s(buying: Compras) -> None:
    product, *_ = buying.products()
    order = buying.order((product, 10), confirm=True)
    first, second = buying.receive(order, 4), buying.receive(order)
    names = [buying.one("stock.picking", receipt, "name") for receipt in (first, second)]
    for number, wanted in (
        (names[0], [first]),
        (names[1], [second]),
        (buying.one("purchase.order", order, "name"), [first, second]),
    ):
        buying.do("DELETE FROM movimentacao_estoque")
        buying.run(ENTRADAS, numbers=(number,))
        found = buying.fetch("SELECT odoo_picking_id FROM movimentacao_estoque ORDER BY 1")
        assert found == [(receipt,) for receipt in wanted]


def test_a_number_that_no_entity_knows_is_told_as_unknown(buying: Compras) -> None:
    assert [entity.name for entity in ENTITIES if buying.run(entity, numbers=("P99999",)).documentos] == []
