"""The panel tells of the data itself, and what changed today is told by domain."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from blocks.banco import execute, transaction
from flows.operacao.checks import Checks
from flows.operacao.painel.panel import panel
from flows.operacao.painel.standing import Fresh, Reconciled, Standing, read_standing
from flows.operacao.painel.today import SHOWN, Changed, Today, headline, markdown, read_today
from flows.operacao.situacao.overview import Overview, Situation
from flows.operacao.timetable import write_timetable
from tests.conftest import as_owner
from tests.flows.operacao.conftest import timetable

NOW = datetime(2026, 7, 22, 17, 32, tzinfo=UTC)  # 14:32 in São Paulo
DOMAINS = ("vendas", "compras", "tiny", "manufatura")


def overview() -> Overview:
    one = Situation(
        *("carteira", "Carteira", "vendas", None, None, "carteira/carteira-recuperacao", None, NOW, None, 0, 0, 0, None)
    )
    return Overview(NOW, (one,), ())


def said(standing: Standing) -> str:
    return panel(overview(), {}, standing)


def test_each_table_has_its_age_in_seconds_and_says_whether_it_is_late() -> None:
    shown = said(Standing(fresh=(Fresh("carteira_principal", "Carteira", 1234, False), Fresh("x", "X", None, True))))
    assert r"| carteira\_principal | Carteira | 1.234 | ✅ |" in shown
    assert "| x | X | – | ⚠️ atrasada |" in shown


def test_the_reconciliation_is_green_blue_and_red_by_month() -> None:
    one = Reconciled("Carteira", NOW - timedelta(hours=9), 14, ("2026-05", "2026-06"), ("2026-06",))
    shown = said(Standing(reconciled=(one,)))
    row = "| Carteira | 05:32, há 9 h | 🟩 12 conferem · 🟦 1 reparado: 2026-05 · 🟥 1 difere: 2026-06 |"
    assert row in shown
    assert "🟥" not in said(Standing(reconciled=(Reconciled("Carteira", NOW, 14, (), ()),)))
    assert "Nenhuma conciliação" in said(Standing())


def test_the_oldest_check_of_each_entity_is_told() -> None:
    shown = said(Standing(checks={"carteira": Checks(1200, 1200, NOW - timedelta(days=3))}))
    assert "| Carteira | 1.200 | 19/07 14:32, há 3 dias |" in shown


def test_what_changed_today_is_listed_with_its_time_and_a_number_is_no_markup() -> None:
    today = Today((Changed("Carteira", "VSC|1", NOW, False), Changed("Carteira", "VSC2", NOW, True)), 300)
    shown = markdown("vendas", today, NOW)
    assert "## vendas: 300 documentos mudaram hoje" in shown
    assert r"| 14:32:00 | Carteira | VSC\|1 |  |" in shown
    assert "| VSC2 | excluído na origem |" in shown
    assert "E mais 298, mais antigos." in shown
    assert "Quem o mudou não aparece" in shown
    assert headline("vendas", Today((), 1)) == "vendas: 1 documento mudou hoje"
    assert headline("vendas", Today()) == "vendas: nada mudou hoje"


@pytest.fixture
def installed(banco: Engine) -> Iterator[Engine]:
    """A database with the timetable."""
    with as_owner(banco) as owner:
        write_timetable(owner, timetable())
    yield banco


def do(engine: Engine, statement: str, **parameters: Any) -> None:
    with transaction(engine) as connection:
        execute(connection, statement, **parameters)


def document(engine: Engine, number: int, version: datetime, gone: datetime | None = None) -> None:
    do(
        engine,
        "INSERT INTO sync_documento (entidade, documento_id, numero, versao, lido_em, conferido_em, excluido_em) "
        "VALUES ('carteira', %(id)s, %(numero)s, %(versao)s, now(), %(versao)s, %(gone)s)",
        id=number,
        numero=f"VSC{number}",
        versao=version,
        gone=gone,
    )


def test_today_begins_at_midnight_in_sao_paulo(installed: Engine) -> None:
    midnight = datetime(2026, 7, 22, 3, tzinfo=UTC)
    document(installed, 1, midnight)
    document(installed, 2, midnight - timedelta(seconds=1))
    document(installed, 3, midnight - timedelta(days=9), gone=midnight + timedelta(hours=1))
    with transaction(installed) as connection:
        found = read_today(connection, NOW, DOMAINS)
    assert [(each.number, each.gone) for each in found["vendas"].changed] == [("VSC3", True), ("VSC1", False)]
    assert {name: each.total for name, each in found.items()} == {"vendas": 2, "compras": 0, "tiny": 0, "manufatura": 0}


def test_of_very_many_the_newest_are_shown_and_all_are_counted(installed: Engine) -> None:
    do(
        installed,
        "INSERT INTO sync_documento (entidade, documento_id, numero, versao, lido_em) "
        "SELECT 'carteira', n, 'VSC' || n, %(now)s - n * interval '1 second', now() FROM generate_series(1, 1000) n",
        now=NOW,
    )
    with transaction(installed) as connection:
        found = read_today(connection, NOW, DOMAINS)["vendas"]
    assert (found.total, len(found.changed), found.changed[0].number) == (1000, SHOWN, "VSC1")


def test_the_newest_reconciliation_of_all_months_counts(installed: Engine) -> None:
    def reconciled(ago: int, asked: str, still: list[str], **more: Any) -> None:
        noted = {"meses": 3, "meses_que_diferiam": still, "meses_que_diferem": still, "pulada": None}
        do(
            installed,
            "INSERT INTO log_integracao (tipo_integracao, status, data_execucao, tempo_execucao, detalhes) "
            "VALUES ('conciliacao', 'sucesso', now() - %(ago)s, 1, %(details)s)",
            ago=timedelta(hours=ago),
            details={"pedido": asked, "conciliacao": {"carteira": noted | more}},
        )

    reconciled(9, "carteira; todos os meses", ["2026-01"])
    reconciled(8, "carteira; todos os meses", ["2026-02"])
    reconciled(7, "carteira; 2026-03", ["2026-03"])
    reconciled(6, "carteira; todos os meses", ["2026-04"], pulada="o Odoo não respondeu")
    document(installed, 1, NOW)
    with transaction(installed) as connection:
        found = read_standing(connection)
    [one] = found.reconciled
    assert (one.title, one.months, one.still) == ("Carteira", 3, ("2026-02",))
    assert found.checks["carteira"].oldest == NOW
    assert {"carteira_principal", "pedido_compras", "tiny.ordens_servico"} <= {each.table for each in found.fresh}
