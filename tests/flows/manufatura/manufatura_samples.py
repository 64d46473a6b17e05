"""The production tables of one database: short ways to fill them, to run the jobs without Prefect, and to read them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date
from typing import Any

import psycopg2.extensions
from pydantic import SecretStr
from sqlalchemy import Engine, create_engine, text

from blocks.banco.database import connect_args
from blocks.odoo import OdooClient, OdooServer
from demo.odoo import OdooProcess
from flows.manufatura.apontamentos import APONTAMENTOS, BATCH, batches
from flows.manufatura.business_calendar import BusinessCalendar
from flows.manufatura.demanda import measure_month
from flows.manufatura.ordens_mto import Tables, make_orders
from flows.manufatura.production import OpenOrder
from flows.manufatura.statements import MANUFATURA
from flows.run.counts import Counts
from flows.run.writer import Writer
from flows.settings import Settings
from schema import metadata
from tests.flows.at_once import Crash, crashing, run_of

TODAY = date(2026, 11, 23)
SHIPMENT = date(2026, 12, 18)
"""A Friday without holidays near it: two business days before is Wednesday, the 16th."""


class Factory:
    """Fills the tables as people and other jobs do, runs the jobs of production, and reads the result."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    # What is there

    def product(self, code: str = "PA-1", **columns: Any) -> None:
        """A product that is made to order in two business days."""
        given = {"disparo_producao": "MTO", "produto_produzido": True, "lead_time_mto": 2} | columns
        self.insert(
            "cadastro_palletizacao",
            cod_produto=code,
            nome_produto=f"Produto {code}",
            palletizacao=1,
            peso_bruto=1,
            **given,
        )

    def component(self, code: str, *, bought: bool = True) -> None:
        """A product that is no candidate itself."""
        self.product(
            code, disparo_producao=None, produto_produzido=not bought, produto_comprado=bought, lead_time_mto=None
        )

    def bom(self, made: str, **parts: float) -> None:
        """A bill of materials; an underscore in a name stands for the hyphen of a code."""
        for code, quantity in parts.items():
            self.insert(
                "lista_materiais",
                cod_produto_produzido=made,
                cod_produto_componente=code.replace("_", "-"),
                qtd_utilizada=quantity,
            )

    def lot(self, lot: str | None = "L1", code: str = "PA-1", quantity: float = 10, **columns: Any) -> None:
        """A line of a shipment lot."""
        given = {"expedicao": SHIPMENT, "num_pedido": "VSC1", "raz_social_red": "Mercado Sol"} | columns
        self.insert("separacao", separacao_lote_id=lot, cod_produto=code, qtd_saldo=quantity, cod_uf="SP", **given)

    def preselection(self, lot: str | None = "L1", code: str = "PA-1", quantity: float = 10, **columns: Any) -> None:
        """A line of a lot as it was selected before there were forecasts."""
        given = {"num_pedido": "VSC1", "data_expedicao_editada": SHIPMENT} | columns
        self.insert(
            "pre_separacao_item",
            separacao_lote_id=lot,
            cod_produto=code,
            qtd_original_carteira=quantity,
            qtd_selecionada_usuario=quantity,
            qtd_restante_calculada=0,
            **given,
        )

    def order(self, number: str = "OP-000001", **columns: Any) -> int:
        """A production order that a person made, by default released; its id."""
        given = {"status": "Liberada", "cod_produto": "PA-1", "nome_produto": "Produto PA-1", "qtd_planejada": 10}
        given |= {"data_inicio_prevista": "2026-11-02", "data_fim_prevista": "2026-11-06"} | columns
        return self.insert("ordem_producao", numero_ordem=number, **given)

    def insert(self, table: str, **values: Any) -> int:
        """A row; its id."""
        names, marks = ", ".join(values), ", ".join(f":{name}" for name in values)
        with self.engine.begin() as connection:
            return connection.execute(
                text(f"INSERT INTO {table} ({names}) VALUES ({marks}) RETURNING id"), values
            ).scalar_one()

    # What runs

    def writer(self, dry_run: bool = False) -> Writer:
        return Writer(self.engine, lambda: None, dry_run=dry_run)

    def plan(self, *lots: str, dry_run: bool = False, calendar: BusinessCalendar | None = None) -> Counts:
        """One run of ordens_mto."""
        return self.planned(*lots, dry_run=dry_run, calendar=calendar)[0]

    def planned(
        self, *lots: str, dry_run: bool = False, calendar: BusinessCalendar | None = None
    ) -> tuple[Counts, Tables]:
        """One run of ordens_mto, with the tables that it shows."""
        return make_orders(self.writer(dry_run), calendar or BusinessCalendar(), list(lots) or None)

    def measure(self, year: int, month: int) -> Counts:
        """One month of a run of demanda."""
        return measure_month(self.writer(), year, month)

    def open_orders(self, *numbers: str) -> list[OpenOrder]:
        with self.engine.begin() as connection:
            found = connection.connection.cursor()
            found.execute(MANUFATURA["ordens_abertas"], {"numeros": list(numbers) or None})
            return [OpenOrder(*row) for row in found.fetchall()]

    def report(
        self, client: OdooClient, *numbers: str, today: date = TODAY, batch: int = BATCH, crash_after: int | None = None
    ) -> Counts:
        """One run of apontamentos; with `crash_after` batches its machine goes down, and nothing after them happens."""
        run = run_of(APONTAMENTOS, self.engine, Settings(), submit=crashing(crash_after))
        with suppress(Crash):
            batches(run, client, today, batch).run(self.open_orders(*numbers), run.submit)
        return run.report.counts

    # What became of it

    def orders(self, columns: str, where: str = "true") -> dict[str, Any]:
        """Production orders by number."""
        rows = self.fetch(f"SELECT numero_ordem, {columns} FROM ordem_producao WHERE {where} ORDER BY numero_ordem")
        return {number: rest[0] if len(rest) == 1 else rest for number, *rest_ in rows if (rest := tuple(rest_))}

    def movements(self, columns: str = "qtd_movimentacao::float") -> list[Any]:
        """Stock movements as they were booked."""
        rows = self.fetch(f"SELECT {columns} FROM movimentacao_estoque ORDER BY id")
        return [row[0] if len(row) == 1 else row for row in rows]

    def everything(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every row of every table with the transaction that wrote it: equal means that nothing was written."""
        return {name: self.fetch(f"SELECT xmin::text, t::text FROM {name} t ORDER BY 2") for name in metadata.tables}

    def fetch(self, query: str, **parameters: Any) -> list[tuple[Any, ...]]:
        with self.engine.begin() as connection:
            return [tuple(row) for row in connection.execute(text(query), parameters)]

    def do(self, statement: str, **parameters: Any) -> None:
        with self.engine.begin() as connection:
            connection.execute(text(statement), parameters)


class Counting(psycopg2.extensions.cursor):
    """A cursor that remembers what was sent."""

    sent: list[str] = []  # noqa: RUF012 - of all cursors together

    def execute(self, query: Any, vars: Any = None) -> Any:  # noqa: A002 - psycopg2's name
        self.sent.append(str(query))
        return super().execute(query, vars)

    def copy_expert(self, sql: Any, *arguments: Any, **named: Any) -> Any:
        self.sent.append(str(sql))
        return super().copy_expert(sql, *arguments, **named)


@contextmanager
def counted(engine: Engine) -> Iterator[tuple[Factory, list[str]]]:
    """The same database through connections that note every statement sent to it."""
    counting = create_engine(engine.url, connect_args={**connect_args(60), "cursor_factory": Counting})
    try:
        with counting.connect():  # the dialect asks the server about itself first
            pass
        Counting.sent.clear()
        yield Factory(counting), Counting.sent
    finally:
        counting.dispose()


@contextmanager
def client_of(odoo: OdooProcess) -> Iterator[OdooClient]:
    """A client of the simulator, as a run opens one."""
    with OdooServer(
        url=odoo.url, db=odoo.db, username=odoo.username, secret=SecretStr(odoo.password)
    ).get_client() as client:
        yield client


def columns_of(rows: Sequence[dict[str, Any]], name: str) -> list[Any]:
    """One column of a table in the UI."""
    return [row.get(name) for row in rows]
