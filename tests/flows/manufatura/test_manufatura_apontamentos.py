"""Reports of production: read from Odoo and booked once, in whatever order things happen there."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import pytest
from sqlalchemy import text

from blocks.banco import transaction
from blocks.odoo import OdooClient, Record
from demo.odoo import OdooProcess
from flows.manufatura.apontamentos import BATCH, LOWERED, MOVEMENTS, read, write
from flows.run.counts import Counts
from flows.run.errors import BatchesFailed
from tests.demo.odoo.simulator_rpc import JsonRpc
from tests.flows.conftest import eventually
from tests.flows.manufatura.manufatura_samples import TODAY, Factory, counted

MODEL = "mrp.production"
STATE = "status, qtd_produzida::float, odoo_production_id"
REASON = "a ordem do Odoo já é de outra ordem local"


class Shop:
    """Acts as people in Odoo's production, and runs the job."""

    def __init__(self, process: OdooProcess, rpc: JsonRpc, client: OdooClient, factory: Factory) -> None:
        self.process, self.rpc, self.client, self.factory = process, rpc, client, factory

    def make(self, name: str = "OP-000001", quantity: float = 10, **values: Any) -> int:
        """A confirmed production of that name."""
        given = {"name": name, "product_id": self.product, "product_qty": quantity} | values
        production = self.rpc.call(MODEL, "create", given)
        self.do("action_confirm", production)
        return production  # type: ignore[no-any-return]

    @property
    def product(self) -> int:
        return self.rpc.call("product.product", "search", [("default_code", "=", "4310162")])[0]  # type: ignore[no-any-return]

    def do(self, method: str, production: int, **named: Any) -> None:
        self.rpc.call(MODEL, method, [production], **named)

    def start(self, production: int) -> None:
        self.process.control("start", production=production)

    def produced(self, production: int, quantity: float) -> None:
        """So much is said to be made, which moves no write date."""
        self.process.control("produced", production=production, quantity=quantity)

    def finish(self, production: int, quantity: float | None = None) -> int | None:
        """Close a production; with less than its quantity, the rest goes to a backorder: its id."""
        if quantity is not None:
            self.rpc.call(MODEL, "write", [production], {"qty_producing": quantity})
        before = self.all()
        self.do("button_mark_done", production)
        return next(iter(self.all().keys() - before.keys()), None)

    def all(self) -> dict[int, str]:
        return {each["id"]: each["name"] for each in self.rpc.call(MODEL, "search_read", [], fields=["name"])}

    def raw(self, production: int, **values: Any) -> None:
        self.process.control("raw", model=MODEL, id=production, values=values)

    def run(self, *numbers: str, **named: Any) -> Counts:
        return self.factory.report(self.client, *numbers, **named)

    def states(self, columns: str = STATE) -> dict[str, Any]:
        return self.factory.orders(columns)


@pytest.fixture
def shop(odoo: OdooProcess, rpc: JsonRpc, client: OdooClient, factory: Factory) -> Iterator[Shop]:
    """The company, without what other tests of the module made under our numbers."""
    yield Shop(odoo, rpc, client, factory)
    mine = ["|", ("name", "=like", "OP-0%"), ("name", "=like", "OP-2025-%")]
    for model in (MODEL, "procurement.group"):
        rpc.call(model, "write", rpc.call(model, "search", mine), {"name": "WH/DE-OUTRO-TESTE"})


# --- the recorded company ------------------------------------------------------------------------------------------


def test_the_recorded_productions_close_and_open_the_orders_of_their_numbers(shop: Shop) -> None:
    recorded = {
        "WH/MO/00001": ("Liberada", 0, 1),  # a draft leaves it
        "WH/MO/00002": ("Liberada", 0, 2),
        "WH/MO/00003": ("Cancelada", 0, 3),
        "WH/MO/00004": ("Em Produção", 0, 4),
        "WH/MO/00005": ("Em Produção", 6.25, 5),  # half of it, the rest in a backorder
        "WH/MO/00006": ("Em Produção", 0, 6),
        "WH/MO/00007": ("Concluída", 10, 7),
    }
    for number in recorded:
        shop.factory.order(number)
    counts = shop.run()
    assert shop.states() == recorded
    assert (counts.lidos, counts.atualizados, counts.ignorados) == (7, 7, 0)
    assert (counts.efeitos, counts.avisos) == ({MOVEMENTS: 2}, {LOWERED: 0})
    dates = shop.states("data_inicio_real, data_fim_real")
    assert dates["WH/MO/00007"] == (date(2026, 11, 18), date(2026, 11, 21))  # 01:10 UTC is the evening before
    assert dates["WH/MO/00005"] == (date(2026, 11, 16), None)
    assert dates["WH/MO/00002"] == (None, None)


def test_a_movement_tells_the_order_the_lot_and_where_it_comes_from(shop: Shop) -> None:
    order = shop.factory.order("WH/MO/00007", separacao_lote_id="LOTE-1", num_pedido_origem="VSC1")
    shop.run()
    columns = """
        cod_produto, nome_produto, data_movimentacao, tipo_movimentacao, local_movimentacao, qtd_movimentacao,
        separacao_lote_id, num_pedido, tipo_origem, ordem_producao_id, apontamento, observacao, criado_por, ativo
    """
    product, booked = ("PA-1", "Produto PA-1"), (order, 1, "Apontamento de WH/MO/00007: de 0 para 10")
    about = ("PRODUCAO", "PRODUCAO", 10, "LOTE-1", "VSC1", "ODOO")
    assert shop.factory.movements(columns) == [(*product, TODAY, *about, *booked, "odoo_sync", True)]


# --- one order's life ----------------------------------------------------------------------------------------------


def test_an_order_is_found_by_its_number_and_then_by_its_id_though_a_backorder_renames_it(shop: Shop) -> None:
    shop.factory.order()
    production = shop.make()
    shop.run()
    assert shop.states() == {"OP-000001": ("Liberada", 0, production)}
    backorder = shop.finish(production, 4)
    assert backorder
    assert [shop.all()[each] for each in (production, backorder)] == ["OP-000001-001", "OP-000001-002"]
    shop.run()
    assert shop.states() == {"OP-000001": ("Em Produção", 4, production)}
    shop.finish(backorder)
    shop.run()
    assert shop.states() == {"OP-000001": ("Concluída", 10, production)}
    assert shop.factory.movements("qtd_movimentacao::float, apontamento") == [(4, 1), (6, 2)]


@pytest.mark.parametrize("groups", [True, False], ids=["groups", "no groups on the server"])
def test_an_order_that_was_split_before_it_was_first_seen_is_found_with_all_its_parts(shop: Shop, groups: bool) -> None:
    shop.factory.order()
    production = shop.make(quantity=10)
    second = shop.finish(production, 2)
    assert second
    third = shop.finish(second, 3)
    assert third
    if not groups:
        shop.process.control("hide_field", model=MODEL, field="procurement_group_id")
    shop.run()
    assert shop.states() == {"OP-000001": ("Em Produção", 5, production)}
    shop.finish(third)
    shop.run()
    assert shop.states() == {"OP-000001": ("Concluída", 10, production)}
    assert shop.factory.movements() == [5, 5]


def test_an_order_is_found_by_its_group_though_its_first_part_has_another_name(shop: Shop) -> None:
    shop.factory.order()
    production = shop.make()
    backorder = shop.finish(production, 4)
    assert backorder
    shop.raw(production, name="WH/DE-OUTRO-TESTE")
    shop.run()
    assert shop.states() == {"OP-000001": ("Liberada", 0, backorder)}


def test_a_cancelled_part_neither_counts_nor_keeps_the_order_open(shop: Shop) -> None:
    shop.factory.order()
    production = shop.make()
    backorder = shop.finish(production, 4)
    assert backorder
    shop.do("action_cancel", backorder)
    shop.run()
    assert shop.states() == {"OP-000001": ("Concluída", 4, production)}


def test_numbers_that_look_like_backorders_are_orders_of_their_own(shop: Shop) -> None:
    first, second = (shop.make(f"OP-2025-00{n}") for n in (1, 2))
    for n in 1, 2:
        shop.factory.order(f"OP-2025-00{n}")
    shop.finish(first)
    shop.run()
    assert shop.states() == {"OP-2025-001": ("Concluída", 10, first), "OP-2025-002": ("Liberada", 0, second)}


def test_what_is_reported_while_it_runs_is_booked_though_no_write_date_moves(shop: Shop) -> None:
    shop.factory.order()
    production = shop.make()
    shop.start(production)
    for quantity in (3, 3, 7.5):
        before = shop.rpc.call(MODEL, "read", [production], fields=["write_date"])
        shop.produced(production, quantity)
        assert shop.rpc.call(MODEL, "read", [production], fields=["write_date"]) == before
        shop.run()
    assert shop.states() == {"OP-000001": ("Em Produção", 7.5, production)}
    assert shop.factory.movements() == [3, 4.5]


def test_quantities_are_booked_in_the_product_s_own_unit(shop: Shop) -> None:
    [dozen] = shop.rpc.call("uom.uom", "search", [("name", "=", "Dozens")])
    shop.factory.order()
    production = shop.make(quantity=2, product_uom_id=dozen)
    shop.finish(production)
    shop.run()
    assert shop.factory.movements() == [24]


def test_status_and_dates_follow_without_a_new_quantity(shop: Shop) -> None:
    shop.factory.order(status="Planejada")
    production = shop.make()
    seen = []
    for step in (lambda: None, lambda: shop.start(production), lambda: shop.do("action_cancel", production)):
        step()
        shop.run()
        seen.append(shop.states("status, data_inicio_real IS NOT NULL")["OP-000001"])
    assert seen == [("Liberada", False), ("Em Produção", True), ("Cancelada", True)]
    assert shop.factory.movements() == []


def test_an_order_that_is_done_is_closed_though_all_its_quantity_was_booked_before(shop: Shop) -> None:
    shop.factory.order()
    production = shop.make()
    shop.start(production)
    shop.produced(production, 10)
    shop.run()
    shop.finish(production)
    counts = shop.run()
    assert (counts.atualizados, counts.efeitos[MOVEMENTS]) == (1, 0)
    assert shop.states("status, data_fim_real IS NOT NULL") == {"OP-000001": ("Concluída", True)}


def test_the_first_day_that_was_seen_stays_the_start(shop: Shop) -> None:
    shop.factory.order(data_inicio_real="2026-11-03")
    production = shop.make()
    shop.start(production)
    shop.run()
    assert shop.states("data_inicio_real") == {"OP-000001": date(2026, 11, 3)}


def test_a_total_that_goes_down_is_corrected_by_a_movement_and_told(shop: Shop) -> None:
    shop.factory.order()
    production = shop.make()
    shop.start(production)
    shop.produced(production, 8)
    shop.run()
    shop.produced(production, 5.5)
    counts = shop.run()
    assert (counts.avisos[LOWERED], counts.efeitos[MOVEMENTS]) == (1, 1)
    assert shop.factory.movements("qtd_movimentacao::float, observacao") == [
        (8, "Apontamento de OP-000001: de 0 para 8"),
        (-2.5, "Correção de OP-000001: de 8 para 5.5"),
    ]
    assert shop.states() == {"OP-000001": ("Em Produção", 5.5, production)}


# --- once, and only once -------------------------------------------------------------------------------------------


def test_a_run_without_changes_writes_nothing(shop: Shop) -> None:
    for number in ("WH/MO/00002", "WH/MO/00005", "WH/MO/00020"):
        shop.factory.order(number)
    shop.run()
    before = shop.factory.everything()
    counts = shop.run()
    assert (counts.lidos, counts.inalterados, counts.atualizados) == (3, 3, 0)
    assert shop.factory.everything() == before


def test_after_a_crash_between_two_batches_nothing_is_booked_twice(shop: Shop) -> None:
    for number in ("WH/MO/00007", "WH/MO/00005", "WH/MO/00013", "WH/MO/00008"):
        shop.factory.order(number)
    shop.run(batch=2, crash_after=1)
    assert sorted(shop.factory.movements()) == [6.25, 10]
    shop.run(batch=2)
    assert sorted(shop.factory.movements()) == [5, 6.25, 10, 12.5]
    shop.run(batch=2)
    assert sorted(shop.factory.movements()) == [5, 6.25, 10, 12.5]


@contextmanager
def constraint(factory: Factory, check: str) -> Iterator[None]:
    factory.do(f"ALTER TABLE ordem_producao ADD CONSTRAINT quebra CHECK ({check})")
    try:
        yield
    finally:
        factory.do("ALTER TABLE ordem_producao DROP CONSTRAINT quebra")


def test_movement_and_total_are_stored_together_or_not_at_all(shop: Shop) -> None:
    shop.factory.order("WH/MO/00007")
    shop.factory.order("WH/MO/00008")
    before = shop.factory.everything()
    with constraint(shop.factory, "qtd_produzida < 12"), pytest.raises(BatchesFailed, match="23514"):
        shop.run()
    assert shop.factory.everything() == before
    shop.run()
    assert sorted(shop.factory.movements()) == [10, 12.5]


def test_a_dry_run_counts_the_same_and_leaves_nothing(shop: Shop) -> None:
    shop.factory.order("WH/MO/00007")
    orders, before = shop.factory.open_orders(), shop.factory.everything()
    dry = write(shop.factory.writer(dry_run=True), orders, read(shop.client, orders), TODAY)
    assert shop.factory.everything() == before
    assert dry == shop.run()
    assert dry.efeitos[MOVEMENTS] == 1


def test_what_was_read_twice_is_booked_once(shop: Shop) -> None:
    """Both runs read before one of them writes: the second still sees the total that the first has written."""
    shop.factory.order("WH/MO/00007")
    orders = shop.factory.open_orders()
    productions = read(shop.client, orders)
    for _ in range(2):
        write(shop.factory.writer(), orders, productions, TODAY)
    assert shop.factory.movements() == [10]


@pytest.mark.parametrize("status", ["Concluída", "Cancelada"])
def test_an_order_that_a_person_closed_between_reading_and_writing_is_left_alone(shop: Shop, status: str) -> None:
    shop.factory.order("WH/MO/00005")
    orders = shop.factory.open_orders()
    productions = read(shop.client, orders)
    shop.factory.do("UPDATE ordem_producao SET status = :status", status=status)
    before = shop.factory.everything()
    write(shop.factory.writer(), orders, productions, TODAY)
    assert shop.factory.everything() == before


def test_an_order_that_a_person_is_just_closing_is_waited_for_and_left_alone(shop: Shop) -> None:
    shop.factory.order("WH/MO/00005")
    orders = shop.factory.open_orders()
    productions = read(shop.client, orders)
    run = threading.Thread(target=write, args=(shop.factory.writer(), orders, productions, TODAY))
    blocked = """
        SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
    """
    with shop.factory.engine.begin() as person:
        person.execute(text("UPDATE ordem_producao SET status = 'Concluída'"))
        run.start()
        eventually(lambda: shop.factory.fetch(blocked) != [(0,)], "the run waits", 10)
    run.join()
    assert shop.states() == {"WH/MO/00005": ("Concluída", 0, None)}
    assert shop.factory.movements() == []


def test_closed_orders_are_not_asked_about(shop: Shop) -> None:
    for number, status in ("WH/MO/00005", "Concluída"), ("WH/MO/00007", "Cancelada"):
        shop.factory.order(number, status=status)
    assert shop.run() == Counts()
    assert shop.client.calls == 0


def test_only_the_orders_that_were_asked_for_are_read(shop: Shop) -> None:
    for number in ("WH/MO/00005", "WH/MO/00007"):
        shop.factory.order(number)
    assert shop.run("WH/MO/00007").lidos == 1
    assert shop.states("qtd_produzida::float") == {"WH/MO/00005": 0, "WH/MO/00007": 10}


# --- what cannot be ------------------------------------------------------------------------------------------------


def test_of_two_orders_that_claim_one_production_the_first_has_it_and_the_other_is_told(shop: Shop) -> None:
    """A person made a local order for the part that a backorder renamed."""
    production = shop.make()
    shop.finish(production, 4)
    for number in ("OP-000001", "OP-000001-001"):
        shop.factory.order(number)
    for _ in range(2):
        counts = shop.run()
        assert (counts.ignorados, dict(counts.motivos)) == (1, {REASON: 1})
    assert shop.states() == {"OP-000001": ("Em Produção", 4, production), "OP-000001-001": ("Liberada", 0, None)}
    assert shop.factory.movements() == [4]


@pytest.mark.parametrize("batch", [BATCH, 1], ids=["in one batch", "in two"])
def test_the_order_that_a_production_is_tied_to_keeps_it_though_an_older_order_has_its_name(
    shop: Shop, batch: int
) -> None:
    production = shop.make()
    shop.factory.order("OP-000001")
    shop.factory.order("OP-000002", odoo_production_id=production)
    shop.finish(production)
    assert dict(shop.run(batch=batch).motivos) == {REASON: 1}
    assert shop.states() == {"OP-000001": ("Liberada", 0, None), "OP-000002": ("Concluída", 10, production)}


def test_an_order_without_a_production_waits_and_one_whose_production_is_gone_is_told(shop: Shop) -> None:
    shop.factory.order("OP-000001")
    shop.factory.order("OP-000002", odoo_production_id=999_999)
    before = shop.factory.everything()
    counts = shop.run()
    assert dict(counts.motivos) == {"ainda sem ordem no Odoo": 1, "a ordem do Odoo não existe mais": 1}
    assert (counts.lidos, counts.ignorados, counts.inalterados) == (2, 2, 0)
    assert shop.factory.everything() == before
    shop.finish(shop.make())
    shop.run()
    assert shop.states("status")["OP-000001"] == "Concluída"


def test_one_order_that_cannot_be_read_does_not_stop_the_others(shop: Shop) -> None:
    bad, good = shop.make("OP-000001"), shop.make("OP-000002")
    for production, number in (bad, "OP-000001"), (good, "OP-000002"):
        shop.factory.order(number)
        shop.finish(production)
    shop.raw(bad, product_uom_qty=1e15)
    counts = shop.run()
    [(reason, times)] = counts.motivos.items()
    assert reason.startswith("OP-000001: a quantidade produzida no Odoo não cabe")
    assert times == 1
    assert shop.states("status") == {"OP-000001": "Liberada", "OP-000002": "Concluída"}


def test_a_production_with_an_impossible_date_stops_nobody(shop: Shop) -> None:
    dated, good = (shop.make(f"OP-00000{number}") for number in (1, 2))
    for number, production in enumerate((dated, good), start=1):
        shop.factory.order(f"OP-00000{number}")
        shop.finish(production)
    shop.raw(dated, date_start="0001-01-01 00:00:00")
    counts = shop.run()
    [(reason, times)] = counts.motivos.items()
    assert (reason.startswith("OP-000001: Data e hora do Odoo inválida"), times) == (True, 1)
    assert shop.states("status") == {"OP-000001": "Liberada", "OP-000002": "Concluída"}


def test_an_order_with_a_backorder_that_cannot_be_read_is_not_booked_without_it(shop: Shop) -> None:
    split, good = shop.make("OP-000001"), shop.make("OP-000002")
    for number in ("OP-000001", "OP-000002"):
        shop.factory.order(number)
    backorder = shop.finish(split, 4)
    assert backorder is not None
    shop.finish(good)
    shop.raw(backorder, product_qty="muito")
    counts = shop.run()
    [(reason, times)] = counts.motivos.items()
    assert (reason.startswith("OP-000001: "), "product_qty" in reason, times) == (True, True, 1)
    assert shop.states("qtd_produzida::float") == {"OP-000001": 0, "OP-000002": 10}
    shop.raw(backorder, product_qty=6)
    assert shop.run().ignorados == 0
    assert shop.states("qtd_produzida::float") == {"OP-000001": 4, "OP-000002": 10}


# --- at size -------------------------------------------------------------------------------------------------------


def crowd(shop: Shop, first: int, orders: int) -> None:
    """So many open orders with their productions, every fifth of which is split by a backorder."""
    values: list[Record] = []
    for number in range(first, first + orders):
        name, group = f"OP-{number:06d}", f"GRUPO-{number}"
        state = ("confirmed", "progress", "done")[number % 3]
        made = {"product_id": 25, "product_qty": 10, "state": state, "procurement_group_id": group}
        parts = (f"{name}-001", f"{name}-002") if number % 5 == 0 else (name,)
        values += [{**made, "name": part} for part in parts]
    names = sorted({each["procurement_group_id"] for each in values})
    groups = shop.rpc.call("procurement.group", "create", [{"name": name.replace("GRUPO-", "OP-")} for name in names])
    ids = dict(zip(names, groups, strict=True))
    shop.rpc.call(
        MODEL, "create", [each | {"procurement_group_id": ids[each["procurement_group_id"]]} for each in values]
    )
    shop.factory.do(
        """
        INSERT INTO ordem_producao (numero_ordem, status, cod_produto, qtd_planejada, data_inicio_prevista,
            data_fim_prevista)
        SELECT 'OP-' || lpad(n::text, 6, '0'), 'Liberada', 'PA-1', 10, '2026-11-02', '2026-11-06'
        FROM generate_series(CAST(:first AS int), :last) n
        """,
        first=first,
        last=first + orders - 1,
    )


@pytest.mark.slow
def test_two_thousand_orders_take_two_calls_and_the_same_statements_per_batch(shop: Shop) -> None:
    crowd(shop, 100_000, 10)
    with counted(shop.factory.engine) as (few, sent):
        few.report(shop.client)
        statements = len(sent)
    shop.factory.do("DELETE FROM ordem_producao")
    crowd(shop, 200_000, 2000)
    shop.process.control("reset")
    with counted(shop.factory.engine) as (many, sent):
        counts = many.report(shop.client)
    calls = shop.process.control("calls")["methods"]
    print(f"2,000 orders: {calls}, {len(sent)} statements ({statements} for 10 orders)")  # noqa: T201
    assert counts.lidos == counts.atualizados == 2000
    assert calls == {f"{MODEL}.search_read": 2 * 2000 // BATCH}
    # the listing of the open orders is one of them
    assert len(sent) - 1 == (statements - 1) * 2000 // BATCH
    assert shop.factory.fetch("SELECT status, count(*) FROM ordem_producao GROUP BY 1 ORDER BY 1") == [
        ("Concluída", 667),
        ("Em Produção", 666),
        ("Liberada", 667),
    ]
    assert many.report(shop.client).atualizados == 0


def test_a_batch_that_fails_leaves_the_database_usable(shop: Shop) -> None:
    shop.factory.order("WH/MO/00008")
    shop.factory.order("WH/MO/00007")
    with constraint(shop.factory, "qtd_produzida < 12"):
        with pytest.raises(BatchesFailed, match="23514"):
            shop.run(batch=1)
        assert shop.run("WH/MO/00007").lidos == 0  # the other batch was stored, and its order is done
    with transaction(shop.factory.engine):
        pass
    assert shop.factory.movements() == [10]
