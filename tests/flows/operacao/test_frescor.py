"""The view sincronia.frescor tells of each table how fresh it is, to whoever may connect."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, text

from blocks.banco import BancoFault, fetch, open_engine, transaction
from demo.postgres import Postgres
from flows.catalogo import JOBS
from flows.dominios import vendas
from flows.operacao.timetable import write_timetable
from schema import metadata
from schema.frescor import FRESCOR
from schema.roles import make_role
from tests.conftest import as_owner
from tests.flows.conftest import House
from tests.flows.operacao.conftest import log, timetable

HOUR = timedelta(hours=1)
WHOLE = {"pedido": "desde o último checkpoint", "parcial": None, "inseguras": []}


@pytest.fixture
def timetabled(engine: Engine) -> Engine:
    with as_owner(engine) as owner:
        write_timetable(owner, timetable())
    return engine


@pytest.fixture
def outsider(postgres: Postgres, engine: Engine) -> Iterator[Engine]:
    """A user who was given nothing."""
    administration = open_engine(postgres.url())
    with transaction(administration) as connection:
        make_role(connection, "de_fora", postgres.password)
    administration.dispose()
    opened = open_engine(str(postgres.url(str(engine.url.database))).replace(f"{postgres.user}:", "de_fora:", 1))
    yield opened
    opened.dispose()


def told(engine: Engine, table: str, column: str, entity: str = "") -> Any:
    with as_owner(engine) as owner, transaction(owner) as connection:
        [(found,)] = fetch(
            connection,
            f"SELECT {column} FROM sincronia.frescor WHERE tabela = %(t)s AND %(e)s IN ('', entidade)",
            t=table,
            e=entity,
        )
    return found


def test_every_job_that_the_view_names_is_one_and_every_table_exists() -> None:
    rows = re.findall(r"^    \('([\w.]+)', '([\w-]+)', (?:NULL|'\w+')\)", FRESCOR, re.MULTILINE)
    assert len(rows) == len(set(rows)) > 20
    assert {table for table, _ in rows} <= set(metadata.tables)
    assert {job for _, job in rows} <= {job.name for job in JOBS}


def test_whoever_may_connect_sees_it_and_none_of_the_tables_behind(timetabled: Engine, outsider: Engine) -> None:
    with transaction(outsider) as connection:
        assert len(fetch(connection, "SELECT * FROM sincronia.frescor")) > 20
    with pytest.raises(BancoFault, match="42501"), transaction(outsider) as connection:
        fetch(connection, "SELECT * FROM log_integracao")


def test_before_any_run_a_scheduled_table_is_late_and_has_no_age(timetabled: Engine) -> None:
    assert told(timetabled, "carteira_principal", "atrasada") is True
    assert told(timetabled, "carteira_principal", "idade_segundos") is None
    assert told(timetabled, "carteira_principal", "linhas_ativas") == 0


def test_age_counts_from_the_beginning_of_the_last_run_and_late_is_two_intervals_after_its_end(
    timetabled: Engine,
) -> None:
    interval = told(timetabled, "pedido_compras", "intervalo")
    log(timetabled, "pedidos", "sucesso", ago=2 * interval - timedelta(seconds=60), **WHOLE)
    age = told(timetabled, "pedido_compras", "idade_segundos")
    assert 0 <= age - (2 * interval.total_seconds() - 60) < 30
    assert told(timetabled, "pedido_compras", "atrasada") is False
    assert told(timetabled, "pedido_compras", "ultimo_sucesso_em - fresca_ate") == timedelta(seconds=12.5)
    with timetabled.begin() as connection:
        connection.execute(text("UPDATE log_integracao SET data_execucao = data_execucao - interval '120 s'"))
    assert told(timetabled, "pedido_compras", "atrasada") is True


@pytest.mark.parametrize(
    ("job", "status", "details"),
    [
        ("carteira", "erro", WHOLE),
        ("carteira", "executando", WHOLE),
        ("carteira", "interrompida", WHOLE),
        ("carteira", "cancelada", WHOLE),
        ("carteira", "sucesso", {"pedido": "documentos VSC0123"}),
        ("carteira", "sucesso", {"pedido": "releitura de até 500 documentos"}),
        ("carteira", "sucesso", {"pedido": "desde 01/11/2026 00:00:00 até agora"}),
        ("carteira", "sucesso", {"pedido": "janela de 5 minutos"}),
        ("carteira", "parcial", {**WHOLE, "parcial": "parou pelo limite"}),
        ("apontamentos", "sucesso", {"pedido": "ordens OP-000001"}),
        ("tiny-os", "parcial", {"pedido": "ordens abertas e recentes", "inseguras": ["situação 3"]}),
    ],
)
def test_a_run_that_did_not_see_everything_makes_nothing_fresher(
    timetabled: Engine, job: str, status: str, details: dict[str, Any]
) -> None:
    table = {"carteira": "carteira_principal", "apontamentos": "ordem_producao", "tiny-os": "tiny.ordens_servico"}[job]
    log(timetabled, job, "sucesso", ago=3 * HOUR, **WHOLE)
    log(timetabled, job, status, ago=HOUR, **details)
    assert told(timetabled, table, "idade_segundos", job) >= 3 * 3600


@pytest.mark.parametrize(
    ("job", "status", "details"),
    [
        ("carteira", "sucesso", WHOLE),
        ("carteira", "parcial", WHOLE),  # some records are in quarantine
        ("carteira", "pulada", WHOLE),
        ("carteira", "sucesso", {"pedido": "desde o último checkpoint, relendo tudo"}),
        ("carteira", "sucesso", {"pedido": "janela de 525600 minutos"}),
        ("carteira", "sucesso", {}),  # of an older version
        ("apontamentos", "sucesso", {"pedido": "todas as ordens abertas"}),
        ("tiny-os", "sucesso", {"pedido": "ordens abertas e recentes", "inseguras": []}),
    ],
)
def test_a_run_that_saw_everything_does(timetabled: Engine, job: str, status: str, details: dict[str, Any]) -> None:
    table = {"carteira": "carteira_principal", "apontamentos": "ordem_producao", "tiny-os": "tiny.ordens_servico"}[job]
    log(timetabled, job, "sucesso", ago=3 * HOUR, **WHOLE)
    log(timetabled, job, status, ago=HOUR, **details)
    assert 3600 <= told(timetabled, table, "idade_segundos", job) < 2 * 3600


def test_what_is_resolved_is_in_quarantine_no_more_and_tiny_s_is_found_under_its_name(timetabled: Engine) -> None:
    with timetabled.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO import_failures (entidade, documento_id, registro_id, erro, payload, status) VALUES "
                "('pedidos', 1, 1, 'x', '{}', 'pendente'), ('pedidos', 2, 2, 'x', '{}', 'resolvido'), "
                "('pedidos', 3, 3, 'x', '{}', 'aguardando'), ('tiny_os', 4, 4, 'x', '{}', 'esgotado')"
            )
        )
    assert told(timetabled, "pedido_compras", "em_quarentena") == 2
    assert told(timetabled, "tiny.ordens_servico", "em_quarentena") == 1
    assert told(timetabled, "requisicao_compras", "em_quarentena") == 0


def test_what_is_not_asked_for_is_not_counted(timetabled: Engine) -> None:
    with as_owner(timetabled) as owner, transaction(owner) as connection:
        plan = "\n".join(row[0] for row in fetch(connection, "EXPLAIN SELECT tabela, atrasada FROM sincronia.frescor"))
    assert "log_integracao" in plan
    assert "carteira_principal" not in plan
    assert "import_failures" not in plan


@pytest.mark.prefect
def test_a_quiet_run_makes_the_tables_fresher_though_no_checkpoint_moves(house: House) -> None:
    with as_owner(house.engine) as owner:
        write_timetable(owner, timetable())
    house.completed(vendas)
    house.skip(hours=3)
    house.completed(vendas)
    columns = "entidade, fresca_ate, origem_ate, atrasada, linhas_ativas"
    asked = f"SELECT {columns} FROM sincronia.frescor WHERE tabela IN ('carteira_principal', 'faturamento_produtos')"
    before = {row[0]: row[1:] for row in house.rows(asked)}
    house.completed(vendas)
    assert house.last_log()[1] == "Carteira: nada mudou"
    after = {row[0]: row[1:] for row in house.rows(asked)}
    assert after.keys() == {"carteira", "faturamento"}
    for entity, (fresh, source, late, rows) in after.items():
        assert fresh > before[entity][0]
        assert source == before[entity][1] is not None
        assert late is False
        assert rows == before[entity][3] > 0
    assert house.value("SELECT idade_segundos FROM sincronia.frescor WHERE tabela = 'carteira_linha'") < 300
