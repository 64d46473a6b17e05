"""The status shows how each job stands and the last day's success, with Prefect or without it."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from blocks.banco import AdvisoryLock, execute, transaction
from flows.operacao.deployments import Deployment, next_runs, prefect_api, read_deployments
from flows.operacao.lines import Schedule, Tally, lines, tally
from flows.operacao.situacao.overview import LoggedRun, Overview, Situation
from flows.operacao.status import WIDTH, main
from flows.run.lock import limit_name
from flows.run.report import Logged, Status
from tests.flows.conftest import JOBS
from tests.flows.operacao.conftest import NOBODY, Installation, log

NOW = datetime(2026, 11, 22, 11, 31, tzinfo=UTC)
RUN = "0a1b2c3d-0000-4000-8000-000000000000"


# --- pure ----------------------------------------------------------------------------------------------------------


def situation(**changed: Any) -> Situation:
    values: dict[str, Any] = {
        **dict.fromkeys(("checkpoint", "last_success", "holder", "last_run")),
        **{"job": "carteira", "title": "Carteira", "group": "vendas", "scheduled": "vendas/vendas-agendada"},
        **{"interval": timedelta(minutes=30), "recovery": "carteira/carteira-recuperacao"},
        **{"pending": 0, "exhausted": 0, "waiting": 0},
    }
    return Situation(**{**values, **changed})


def run(status: str, seconds: float = 10.0) -> LoggedRun:
    return LoggedRun("carteira", Status(status), "", NOW, seconds, Logged())


PAUSED = Deployment(UUID(int=1), "vendas/vendas-agendada", "vendas", True, ((UUID(int=2), True),), {}, None)
LATELY = NOW - timedelta(minutes=12)


@pytest.mark.parametrize(
    ("changed", "deployment", "state"),
    [
        ({"last_success": LATELY}, None, "em dia"),
        ({"last_success": NOW - timedelta(minutes=61)}, None, "ATRASADA"),
        ({"last_success": NOW - timedelta(minutes=61)}, PAUSED, "pausada"),
        ({"last_success": LATELY, "holder": 7}, PAUSED, "em execução"),
        ({}, None, "nunca rodou"),
        ({"last_run": run("erro")}, None, "ATRASADA"),
        ({"last_run": run("erro"), "last_success": LATELY}, None, "falhou por último"),
        ({"interval": None, "scheduled": None}, None, "sob demanda"),
    ],
)
def test_the_state_of_a_job(changed: dict[str, Any], deployment: Deployment | None, state: str) -> None:
    schedule = Schedule({deployment.name: deployment}, {}) if deployment else None
    [line] = lines(Overview(NOW, (situation(**changed),), ()), schedule)
    assert line.state == state


def test_a_deployment_without_a_schedule_is_never_paused() -> None:
    assert not Deployment(UUID(int=1), "carteira/carteira-recuperacao", "carteira", True, (), {}, None).paused


def test_the_day_counts_what_ended_and_a_killed_run_has_no_time() -> None:
    runs = [run("sucesso", 10), run("parcial", 30), run("pulada", 20), run("interrompida", 0), run("executando", 0)]
    assert tally(runs) == Tally(4, 3, 20.0)
    assert (tally([]).rate, tally([]).mean) == (None, None)


# --- the command ---------------------------------------------------------------------------------------------------


@pytest.fixture
def busy(installation: Installation) -> Iterator[Installation]:
    """carteira runs and has failures, pedidos failed, tiny-os was skipped, all but demanda are paused."""
    engine = installation.engine
    installation.do("UPDATE sync_metadata SET checkpoint = now()")
    with transaction(engine) as connection:
        for number, status in enumerate(["pendente", "pendente", "esgotado", "aguardando"]):
            execute(
                connection,
                "INSERT INTO import_failures (entidade, documento_id, registro_id, erro, payload, status) "
                "VALUES ('carteira', %(number)s, 0, 'x', '{}', %(status)s)",
                number=number,
                status=status,
            )
    log(engine, "carteira", "executando", ago=timedelta(0), flow_run_id=RUN)
    log(engine, "pedidos", "erro", ago=timedelta(0), message="O Odoo [caiu] " + "de novo " * 40)
    log(engine, "tiny-os", "pulada", ago=timedelta(0), message="Não há conta do Tiny: nem aqui, nem ali")
    lock = AdvisoryLock(engine, limit_name("carteira"))
    assert lock.acquire()
    yield installation
    lock.release()


@pytest.mark.prefect
@pytest.mark.usefixtures("busy", "daily")
def test_the_tables_tell_it_all_at_120_columns(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= WIDTH
    assert not any("\x1b" in line for line in lines)
    jobs = [next(line for line in lines if line.startswith(f" {job} ")).split() for job in JOBS]
    assert all(cells[0] == job for cells, job in zip(jobs, JOBS, strict=True))
    shown = " ".join(" ".join(lines).split())
    for told in (
        "em execução",
        "pausada",
        "em dia",
        "2 pendentes,",
        "pid ",
        "Últimas 24 h",
        "95%",
        "Tamanhos",
        "execuções no Prefect",
    ):
        assert told in shown
    assert "pedidos: ERRO" in shown
    assert "O Odoo [caiu] de novo" in shown
    assert " tiny-os: pulada: Não há conta do Tiny: nem aqui, nem ali" in lines


@pytest.mark.prefect
@pytest.mark.usefixtures("busy", "daily")
def test_scripts_get_an_object(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    jobs = {job["entidade"]: job for job in told["jobs"]}
    assert list(jobs) == list(JOBS)
    carteira = jobs["carteira"]
    assert (carteira["situacao"], carteira["trava"]["flow_run"]) == ("em execução", RUN)
    assert carteira["falhas"] == {"pendentes": 2, "esgotados": 1, "aguardando": 1}
    assert carteira["ultimas_contagens"] == {
        "lidos": 5,
        "novos": 2,
        "atualizados": 0,
        "inalterados": 3,
        "ignorados": 0,
        "rejeitados": 0,
        "por tratar": 0,
        "assentados": 7,
        "removidos": 0,
    }
    assert carteira["ultimas_24h"] == {
        "execucoes": 1,
        "sucessos": 1,
        "taxa_de_sucesso": 1.0,
        "tempo_medio_segundos": 12.5,
    }
    assert (jobs["pedidos"]["ultimo_status"], jobs["pedidos"]["ultimas_24h"]["taxa_de_sucesso"]) == ("erro", 0.5)
    assert jobs["faturamento"]["situacao"] == "pausada"
    assert jobs["faturamento"]["proxima_execucao"] is None
    assert told["ultimas_24h"]["execucoes"] == len(JOBS) + 2
    assert {"banco", "tabela"} <= {each["nome"].partition(" ")[0] for each in told["tamanhos"]}
    assert told["prefect"] == "ok"


DOCUMENTS = """
INSERT INTO sync_documento (entidade, documento_id, lido_em, conferido_em, regra, excluido_em, oculto_em)
VALUES ('carteira', 1, now(), now() - interval '2 hours', 'b', NULL, NULL),
       ('carteira', 2, now(), now() - interval '12 days', 'a', NULL, NULL),
       ('carteira', 3, now(), now() - interval '13 days', NULL, NULL, now()),
       ('carteira', 4, now(), now() - interval '13 days', NULL, now(), NULL),
       ('pedidos', 1, now(), now() - interval '5 minutes', NULL, NULL, NULL);
INSERT INTO sync_metadata (entidade, regra) VALUES ('carteira', 'b'), ('pedidos', 'b')
"""


@pytest.mark.prefect
def test_the_oldest_check_and_how_many_are_of_the_rule_are_told_of_each_entity(
    installation: Installation, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is deleted or hidden is not to be read."""
    installation.do(DOCUMENTS)
    assert main(["--json"]) == 0
    told = json.loads(capsys.readouterr().out)["documentos"]
    assert {name: (each["documentos"], each["na_regra_atual"]) for name, each in told.items()} == {
        "carteira": (2, 1),
        "pedidos": (1, 0),
    }
    oldest = datetime.fromisoformat(told["carteira"]["mais_antiga"])
    assert timedelta(days=12) <= datetime.now(UTC) - oldest < timedelta(days=12, minutes=5)
    assert main([]) == 0
    shown = capsys.readouterr().out
    assert max(map(len, shown.splitlines())) <= WIDTH
    table = [line.split() for line in shown.partition("Documentos")[2].splitlines()]
    assert ["carteira", "2", "1", "de", "2"] in [cells[:5] for cells in table]
    assert next(cells for cells in table if cells[:1] == ["pedidos"])[1:5] == ["1", "0", "de", "1"]


@pytest.mark.prefect
def test_the_next_run_is_the_first_that_prefect_has_planned(installation: Installation) -> None:
    """A job without a schedule has one where somebody planned it."""
    address = f"/deployments/{installation.deployment('tiny-carga/tiny-carga-recuperacao')['id']}/create_flow_run"
    planned = {"2099-01-02T05:15:00Z", "2099-01-01T05:15:00Z"}
    made = [
        installation.api.post(
            address,
            json={
                "parameters": {"de": "2024-01", "ate": "2024-02"},
                "state": {"type": "SCHEDULED", "state_details": {"scheduled_time": at}},
            },
        ).raise_for_status()
        for at in planned
    ]
    try:
        with prefect_api() as client:
            found = next_runs(client, read_deployments(client).values())
    finally:
        for run in made:
            installation.api.delete(f"/flow_runs/{run.json()['id']}").raise_for_status()
    assert found["tiny-carga/tiny-carga-recuperacao"] == datetime(2099, 1, 1, 5, 15, tzinfo=UTC)


@pytest.mark.prefect
@pytest.mark.usefixtures("busy", "prefect_down")
def test_without_prefect_the_databases_part_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("⚠️ O Prefect em 127.0.0.1:9 não responde")
    assert "em execução" in shown
    assert "pausada" not in shown


@pytest.mark.prefect
@pytest.mark.usefixtures("installation")
def test_without_the_database_it_says_so_and_fails(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", NOBODY.replace("http://", "postgresql+psycopg2://eu:uma-senha@") + "/x")
    assert main([]) == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("❌ banco: PostgreSQL sem resposta")
    assert "uma-senha" not in shown.err
