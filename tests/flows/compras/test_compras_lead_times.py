"""Lead times equal a plain fold over the deliveries, whatever order they come in and whatever is taken back."""

from collections import defaultdict
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from random import Random
from typing import Any

import pytest
from sqlalchemy import Engine, text

from blocks.odoo import Record, moment
from flows.compras.entradas import ENTRADAS
from flows.compras.pedidos import PEDIDOS
from flows.settings import Settings
from flows.sync.entity import Entity
from flows.sync.store import Batch, Writer, begin_read, store
from flows.sync.window import Now
from tests.flows.compras.compras_samples import UNITS, move, order, order_line, receipt, supplier

CNPJS = {"11222333000181": "11.222.333/0001-81", "11444777000161": "11.444.777/0001-61"}
PRODUCTS = ("P1", "P2")
START = date(2026, 1, 1)


def at(day: date) -> str:
    return f"{day} 15:00:00"


class Buying:
    """Orders and receipts as they come, and the plain fold over those that count."""

    def __init__(self, engine: Engine, random: Random) -> None:
        self.engine = engine
        self.random = random
        self.orders: dict[int, Record] = {}
        self.receipts: dict[int, Record] = {}
        self.written = datetime(2026, 6, 1)
        self.do(
            "INSERT INTO cadastro_palletizacao (cod_produto, nome_produto, palletizacao, peso_bruto, "
            "produto_comprado) VALUES ('P1', 'x', 1, 1, true), ('P2', 'x', 1, 1, true)"
        )

    def order(self) -> None:
        number = len(self.orders) + 1
        items = [
            order_line(self.random.choice(PRODUCTS), id=number * 10 + place, escrita=self.stamp())
            for place in range(self.random.randint(1, 3))
        ]
        seller = supplier(self.random.choice([*CNPJS, *CNPJS, *CNPJS, "11222333000182", None]), id=number)
        made = START + timedelta(days=self.random.randint(0, 40))
        given = {"numero": f"C{number}", "fornecedor": seller, "pedido_em": at(made)}
        self.orders[number] = order(*items, id=number, **given)
        self.store(PEDIDOS, self.orders[number])

    def receive(self) -> None:
        if not self.orders:
            return
        bought = self.random.choice(list(self.orders.values()))
        number = len(self.receipts) + 1000
        moves = [
            move(
                each["produto"]["codigo"], id=each["id"] * 1000 + number, linha_pedido=each["id"], escrita=self.stamp()
            )
            for each in bought["linhas"]
            if self.random.random() < 0.8
        ]
        came = START + timedelta(days=self.random.randint(0, 90))
        given = {"numero": f"IN{number}", "fornecedor": bought["fornecedor"], "concluido_em": at(came)}
        self.receipts[number] = receipt(*moves, id=number, **given) | {"linhas": moves}
        self.store(ENTRADAS, self.receipts[number])

    def take_back(self) -> None:
        """Undo a receipt, do it again, or return one of its moves."""
        if not self.receipts:
            return
        number = self.random.choice(list(self.receipts))
        given = self.receipts[number]
        if given["linhas"] and self.random.random() < 0.5:
            one = self.random.choice(given["linhas"])
            back = {"id": 1, "situacao": "done", "quantidade": 4.0, "unidade": UNITS, "escrita": self.stamp()}
            one["devolucoes"] = [] if one["devolucoes"] else [back]
        else:
            given["situacao"] = "cancel" if given["situacao"] == "done" else "done"
        self.store(ENTRADAS, given)

    def repeat(self) -> None:
        """Read something again that did not change."""
        for entity, documents in ((PEDIDOS, self.orders), (ENTRADAS, self.receipts)):
            if documents:
                self.store(entity, self.random.choice(list(documents.values())))

    def store(self, entity: Entity, document: Record) -> None:
        document["escrita"] = self.stamp()
        version = moment(document["escrita"])
        assert version
        settings = Settings()
        writer = Writer(self.engine, lambda: None, settings.parameters())
        now = version + timedelta(hours=1)
        batch = Batch([document | {"versao": version}], Now(now, now), begin_read(self.engine))
        store(writer, entity, batch, settings)

    def stamp(self) -> str:
        self.written += timedelta(seconds=1)
        return f"{self.written:%Y-%m-%d %H:%M:%S}"

    def do(self, statement: str) -> None:
        with self.engine.begin() as connection:
            connection.execute(text(statement))

    def fold(self) -> dict[tuple[str, str], tuple[int, Decimal]]:
        """First and mean days by supplier and product, of the order lines that were delivered, by day."""
        delivered: dict[int, date] = {}
        for given in self.receipts.values():
            for each in given["linhas"]:
                if given["situacao"] == "done" and not each["devolucoes"]:
                    line, day = each["linha_pedido"], date.fromisoformat(given["concluido_em"][:10])
                    delivered[line] = max(day, delivered.get(line, day))
        lines: defaultdict[tuple[str, str], list[tuple[date, int, int]]] = defaultdict(list)
        for bought in self.orders.values():
            ordered = date.fromisoformat(bought["pedido_em"][:10])
            for each in bought["linhas"]:
                day, cnpj = delivered.get(each["id"]), CNPJS.get(bought["fornecedor"]["cnpj"])
                if day and cnpj and day >= ordered:
                    lines[cnpj, each["produto"]["codigo"]].append((day, each["id"], (day - ordered).days))
        found = {}
        for key, deliveries in lines.items():
            days = [each for *_, each in sorted(deliveries)]
            mean = Fraction(days[0])
            for each in days[1:]:
                mean = (mean + each) / 2
            exact = Decimal(mean.numerator) / Decimal(mean.denominator)
            found[key] = (days[0], exact.quantize(Decimal("0.1"), ROUND_HALF_UP))
        return found

    def stored(self) -> dict[tuple[str, str], tuple[int, Decimal]]:
        query = (
            "SELECT cnpj_fornecedor, cod_produto, lead_time_calculado, lead_time_historico, lead_time_previsto "
            "FROM lead_time_fornecedor WHERE lead_time_historico IS NOT NULL"
        )
        with self.engine.begin() as connection:
            rows: list[Any] = [tuple(each) for each in connection.execute(text(query))]
        assert all(first == expected for *_, first, _, expected in rows)  # no person set another
        return {(cnpj, code): (first, mean) for cnpj, code, first, mean, _ in rows}


@pytest.mark.parametrize("seed", [*range(3), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(3, 6))])
def test_lead_times_are_the_fold_over_the_deliveries_at_every_moment(banco: Engine, seed: int) -> None:
    print(f"seed {seed}")  # noqa: T201 - shown when the test fails
    random = Random(seed)
    buying = Buying(banco, random)
    most = 0
    for step in range(60):
        random.choice([buying.order, buying.receive, buying.receive, buying.take_back, buying.repeat])()
        if step % 5 == 4:
            expected = buying.fold()
            assert buying.stored() == expected
            most = max(most, len(expected))
    assert most > 1


def test_deliveries_of_many_years_do_not_underflow(banco: Engine) -> None:
    buying = Buying(banco, Random(1))
    count = 1200
    items = [order_line("P1", id=number) for number in range(1, count + 1)]
    buying.store(PEDIDOS, order(*items, id=1, pedido_em=at(START)))
    moves = [move("P1", id=number, linha_pedido=number) for number in range(1, count + 1)]
    buying.store(ENTRADAS, receipt(*moves, id=1000, concluido_em=at(START + timedelta(days=7))))
    assert buying.stored() == {("11.222.333/0001-81", "P1"): (7, Decimal("7.0"))}


def test_a_delivery_decades_after_its_order_does_not_keep_its_neighbours_from_being_stored(banco: Engine) -> None:
    buying = Buying(banco, Random(1))
    buying.store(PEDIDOS, order(order_line("P1", id=81), id=1, pedido_em="1996-01-01 15:00:00"))
    buying.store(ENTRADAS, receipt(move("P1", linha_pedido=81), concluido_em="2026-01-10 15:00:00"))
    with banco.begin() as connection:
        assert connection.execute(text("SELECT count(*) FROM movimentacao_estoque")).scalar() == 1
