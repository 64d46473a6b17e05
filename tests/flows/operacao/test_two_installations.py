"""Two companies on one Prefect server, each with its own database, Odoo, Slack and worker: they share nothing."""

import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from prefect.events.schemas.automations import EventTrigger
from prefect.events.worker import EventsWorker
from sqlalchemy import Engine

from blocks.banco import fetch, open_engine, transaction
from blocks.instalacao import VARIABLE
from demo.odoo import OdooProcess, odoo_process
from demo.postgres import Postgres
from demo.prefect import PrefectServer, prefect_server, prefect_worker
from demo.slack import SlackReceiver, slack_receiver
from flows.catalogo import JOBS
from flows.connections import work_pool
from flows.operacao import automations, controle, destravar, saude
from flows.operacao.automations import HEARTBEAT, STILLBORN, ZOMBIE
from flows.operacao.deployments import prefect_api
from flows.operacao.faxina.execucoes import count_runs, remove_runs, remove_workers
from flows.operacao.timetable import declared
from tests.flows.conftest import client_of, deploy_command, deploying, eventually, odoo_environment, run_to_its_end

pytestmark = [pytest.mark.prefect, pytest.mark.slow]

TABLES = ("carteira_principal", "faturamento_produtos", "log_integracao", "sync_documento", "sync_metadata")
SCHEDULED = "vendas/vendas-agendada"


@dataclass(frozen=True)
class Company:
    """One installation: its name, and all that is nobody else's."""

    name: str
    odoo: OdooProcess
    engine: Engine
    slack: SlackReceiver
    settings: dict[str, str]

    @property
    def suffix(self) -> str:
        """What its names on the server end with."""
        return "" if self.name == "sincronia" else f"-{self.name}"

    def rows(self) -> dict[str, int]:
        """How many rows its tables have."""
        with transaction(self.engine) as connection:
            return {name: fetch(connection, f"SELECT count(*) FROM {name}")[0][0] for name in TABLES}


@dataclass(frozen=True)
class Two:
    """Both, deployed to one server; nothing runs by itself."""

    server: PrefectServer
    api: httpx.Client
    matriz: Company
    filial: Company

    def all_of(self, kind: str) -> list[dict[str, Any]]:
        return self.api.post(f"/{kind}/filter", json={}).raise_for_status().json()  # type: ignore[no-any-return]

    def start(self, company: Company) -> str:
        """A run of its vendas; the id."""
        found = self.api.get(f"/deployments/name/{SCHEDULED}{company.suffix}").raise_for_status().json()
        made = self.api.post(f"/deployments/{found['id']}/create_flow_run", json={})
        return str(made.raise_for_status().json()["id"])

    def run(self, run: str) -> dict[str, Any]:
        return self.api.get(f"/flow_runs/{run}").raise_for_status().json()  # type: ignore[no-any-return]


def company(stack: ExitStack, postgres: Postgres, name: str, slack: SlackReceiver) -> Company:
    database = f"empresa_{uuid4().hex[:8]}"
    postgres.create_database(database)
    odoo = stack.enter_context(odoo_process(db=f"producao-{name}"))
    engine = open_engine(postgres.url(database))
    stack.callback(engine.dispose)
    settings = {"DATABASE_URL": postgres.url(database), **odoo_environment(odoo), "SLACK_WEBHOOK_URL": slack.url}
    return Company(name, odoo, engine, slack, settings | {VARIABLE: name})


@pytest.fixture(scope="module")
def two(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Two]:
    """`matriz` has the default's name: what is deployed without one."""
    postgres.create_database("prefect_de_dois")
    with ExitStack() as stack:
        home = tmp_path_factory.mktemp("dois") / "home"
        server = stack.enter_context(prefect_server(postgres.url("prefect_de_dois", "asyncpg"), home, port=0))
        api = stack.enter_context(httpx.Client(base_url=server.api_url, trust_env=False, timeout=30))
        slacks = [stack.enter_context(slack_receiver()) for _ in range(2)]
        matriz, filial = (
            company(stack, postgres, name, slack) for name, slack in zip(("sincronia", "filial"), slacks, strict=True)
        )
        both = Two(server, api, matriz, filial)
        for each in (matriz, filial):
            deploy_command(server, each.settings)
            for deployment in both.all_of("deployments"):
                api.post(f"/deployments/{deployment['id']}/pause_deployment").raise_for_status()
        yield both


@pytest.fixture
def as_(two: Two, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Make this process one of a company."""

    def be(company: Company) -> None:
        for name, value in company.settings.items():
            monkeypatch.setenv(name, value)

    with client_of(two.server):
        yield be
        EventsWorker.instance().wait_until_empty()


@pytest.fixture(scope="module")
def worked(two: Two) -> dict[str, Any]:
    """What was there after a run of the first company's vendas, then one of the second's, each by its own worker."""
    seen: dict[str, Any] = {"runs": {}, "rows": [], "calls": []}
    for one, other in ((two.matriz, two.filial), (two.filial, two.matriz)):
        other.odoo.control("reset")
        before = other.rows()
        waiting = two.start(other)
        pool = f"sincronia{one.suffix}"
        with prefect_worker(two.server, name=f"de-{one.name}", pool=pool, environment={VARIABLE: one.name}):
            ended = run_to_its_end(two.api, seen["runs"].setdefault(one.name, two.start(one)))
        assert ended["state_type"] == "COMPLETED", ended["state"]
        assert two.run(waiting)["state_type"] == "SCHEDULED"
        two.api.delete(f"/flow_runs/{waiting}").raise_for_status()
        seen["rows"].append((one.rows(), before, other.rows()))
        seen["calls"].append(other.odoo.control("calls")["methods"])
    return seen


# --- names ---------------------------------------------------------------------------------------------------------


def objects(two: Two) -> dict[str, list[str]]:
    """The names of all that the server keeps, by kind; what Prefect itself brings along is left out."""
    runs = two.all_of("flow_runs")
    deployments = two.all_of("deployments")
    blocks = two.all_of("block_documents")
    return {
        "deployments": [each["name"] for each in deployments],
        "etiquetas": sorted({tag for each in (*deployments, *runs) for tag in each["tags"]} - {"auto-scheduled"}),
        "pools": [each["name"] for each in two.all_of("work_pools")],
        "blocos": [each["name"] for each in blocks if not each["is_anonymous"]],
        "limites": [
            each["name"]
            for each in two.api.post("/v2/concurrency_limits/filter", json={"limit": 200}).json()
            if not each["name"].startswith("deployment:")  # by the deployment's id
        ],
        "automações": [each["name"] for each in two.all_of("automations")],
        "artefatos": sorted({each["key"] for each in two.all_of("artifacts") if each["key"]}),
        "variáveis": [each["name"] for each in two.all_of("variables")],
    }


def plain(kind: str, name: str) -> str:
    """The plain name of what belongs to `filial`."""
    if kind == "automações":
        return name.replace("Sincronia-filial", "Sincronia", 1).replace("-filial", "")
    return name.removesuffix("-filial")


def test_every_thing_on_the_server_belongs_to_one_of_them_and_both_have_the_same(
    two: Two, worked: dict[str, Any]
) -> None:
    assert worked
    found = objects(two)
    for kind, names in found.items():
        theirs = [name for name in names if "-filial" in name]
        ours = [name for name in names if "-filial" not in name]
        assert sorted(ours) == sorted(plain(kind, name) for name in theirs), kind
        assert len(set(names)) == len(names), kind
        assert len(names) > 1 or kind == "variáveis"
    assert len(found["deployments"]) == 2 * len(declared()["deployments"])
    assert len(found["limites"]) == 2 * len(JOBS)
    assert found["pools"] == ["sincronia", "sincronia-filial"]
    for kind, names in found.items():
        print(f"{kind}: {', '.join(sorted(names))}")  # noqa: T201


def test_every_deployment_and_automation_knows_one_of_them_alone(two: Two) -> None:
    for each in two.all_of("deployments"):
        name = "filial" if each["name"].endswith("-filial") else "sincronia"
        assert each["job_variables"]["env"][VARIABLE] == name
        assert each["work_pool_name"] == ("sincronia-filial" if name == "filial" else "sincronia")
    tags = {"Sincronia": "prefect.tag.sincronia", "Sincronia-filial": "prefect.tag.sincronia-filial"}
    for each in two.all_of("automations"):
        ours = {"prefect.resource.role": "tag", "prefect.resource.id": tags[each["name"].partition(":")[0]]}
        related = each["trigger"]["match_related"]
        assert ours in (related if isinstance(related, list) else [related]), each["name"]


# --- runs ----------------------------------------------------------------------------------------------------------


def test_a_run_reads_and_writes_its_own_company_and_a_worker_takes_its_own_pools_runs(worked: dict[str, Any]) -> None:
    for written, before, others in worked["rows"]:
        assert all(written.values())
        assert others == before
    assert worked["calls"] == [{}, {}]


def test_the_runs_of_entities_have_the_tag_by_which_automations_know_them_and_their_steps_have_none(
    two: Two, worked: dict[str, Any]
) -> None:
    for name, tag in (("sincronia", "sincronia"), ("filial", "sincronia-filial")):
        parent = worked["runs"][name]
        parts = two.api.post("/flow_runs/filter", json={"flow_runs": {"parent_flow_run_id": {"any_": [parent]}}}).json()
        assert [part["tags"] for part in parts] == [[tag], [tag]]
        assert tag in two.run(parent)["tags"]
        question = {"flow_runs": {"id": {"any_": [part["id"] for part in parts]}}}
        steps = two.api.post("/task_runs/filter", json=question).json()
        assert steps
        assert not any(step["tags"] for step in steps)


def test_each_counts_and_checks_its_own(two: Two, worked: dict[str, Any], as_: Any) -> None:
    assert worked
    counted = []
    for one in (two.matriz, two.filial):
        as_(one)
        pool = f"/work_pools/{work_pool()}/workers"
        two.api.post(f"{pool}/heartbeat", json={"name": f"plantão-de-{one.name}"}).raise_for_status()
        [verdict] = saude.examine(["worker"])
        assert verdict.told == f"1 no ar: plantão-de-{one.name}"
        with prefect_api() as client:
            counted.append(count_runs(client))
    assert sum(counted) == two.api.post("/flow_runs/count", json={}).json()
    assert all(counted)


# --- people --------------------------------------------------------------------------------------------------------


def paused(two: Two, company: Company) -> bool:
    return bool(two.api.get(f"/deployments/name/{SCHEDULED}{company.suffix}").json()["paused"])


def test_a_pause_of_one_is_none_of_the_other(two: Two, as_: Any) -> None:
    for one in (two.matriz, two.filial):
        as_(one)
        assert controle.main(["retomar", "vendas"]) == 0
    try:
        for one, other in ((two.filial, two.matriz), (two.matriz, two.filial)):
            as_(one)
            assert controle.main(["pausar", "vendas"]) == 0
            assert (paused(two, one), paused(two, other)) == (True, False)
            assert controle.main(["retomar", "vendas"]) == 0
    finally:
        for one in (two.matriz, two.filial):
            as_(one)
            controle.main(["pausar", "vendas"])


def test_nobody_reaches_the_others_lock_or_deployment_by_its_full_name(
    two: Two, as_: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    as_(two.matriz)
    assert destravar.main(["carteira-filial"]) == 2
    assert "Não há a entidade 'carteira-filial' neste Prefect; há: alocacoes, " in capsys.readouterr().err
    assert controle.main(["executar", "vendas/vendas-agendada-filial"]) == 2
    assert "Não conheço 'vendas/vendas-agendada-filial'" in capsys.readouterr().err


def test_a_run_that_is_cancelled_leaves_the_others_run_alone(two: Two) -> None:
    ours, theirs = two.start(two.matriz), two.start(two.filial)
    cancelled = {"state": {"type": "CANCELLED", "name": "Cancelled"}}
    two.api.post(f"/flow_runs/{ours}/set_state", json=cancelled).raise_for_status()
    with prefect_worker(two.server, name="b", pool="sincronia-filial", environment={VARIABLE: "filial"}):
        assert run_to_its_end(two.api, theirs)["state_type"] == "COMPLETED"
    assert two.run(ours)["state_type"] == "CANCELLED"


# --- automations ---------------------------------------------------------------------------------------------------


def failed(two: Two, company: Company) -> str:
    """A run of its vendas that was killed, as far as the server knows."""
    run = two.start(company)
    state = {"state": {"type": "CRASHED", "name": "Crashed", "message": "caiu"}, "force": True}
    two.api.post(f"/flow_runs/{run}/set_state", json=state).raise_for_status()
    return run


def told(company: Company, run: str) -> list[str]:
    return [text for text in company.slack.texts if f"/runs/flow-run/{run}|" in text]


def test_a_failure_of_one_is_told_to_its_people_alone(two: Two) -> None:
    for one, other in ((two.matriz, two.filial), (two.filial, two.matriz)):
        run, later = failed(two, one), failed(two, other)
        eventually(lambda one=one, run=run: told(one, run), "the alert")  # type: ignore[misc]
        eventually(lambda one=other, run=later: told(one, run), "the other's, which came later")  # type: ignore[misc]
        assert (told(other, run), told(one, later)) == ([], [])
        [text] = told(one, run)
        assert f"`prefect deployment run vendas/vendas-agendada{one.suffix}`" in text


@pytest.fixture
def impatient(two: Two, as_: Any) -> Iterator[dict[str, dict[str, Any]]]:
    """Both companies' watch over silent runs, at seconds instead of a minute; the deployed ones are off meanwhile."""
    assert isinstance(ZOMBIE.trigger, EventTrigger)
    trigger = ZOMBIE.trigger.model_copy(update={"within": timedelta(seconds=10)})
    watch = ZOMBIE.model_copy(update={"name": "Sincronia: ensaio", "trigger": trigger})
    for each in (two.matriz, two.filial):
        as_(each)
        list(automations.apply([watch]))
    standing = tuple(watch.name.removeprefix("Sincronia") for watch in (ZOMBIE, STILLBORN))
    found = two.all_of("automations")
    made = {each["name"]: each for each in found if each["name"].endswith(": ensaio")}
    assert made.keys() == {"Sincronia: ensaio", "Sincronia-filial: ensaio"}
    deployed = [each["id"] for each in found if each["name"].endswith(standing)]
    assert len(deployed) == 4
    for watched in deployed:
        two.api.patch(f"/automations/{watched}", json={"enabled": False}).raise_for_status()
    yield made
    for each in made.values():
        two.api.delete(f"/automations/{each['id']}").raise_for_status()
    for watched in deployed:
        two.api.patch(f"/automations/{watched}", json={"enabled": True}).raise_for_status()


def beats_once(two: Two, company: Company, tag: str) -> str:
    """A run that is at work, gives one sign of life and no other."""
    run = two.start(company)
    two.api.post(f"/flow_runs/{run}/set_state", json={"state": {"type": "RUNNING"}, "force": True}).raise_for_status()
    beat(two, run, tag)
    return run


def beat(two: Two, run: str, tag: str) -> None:
    """As the client would, but at once and to this server: this process may have spoken to others before."""
    event = {
        "id": str(uuid4()),
        "occurred": datetime.now(UTC).isoformat(),
        "event": HEARTBEAT,
        "resource": {"prefect.resource.id": f"prefect.flow-run.{run}"},
        "related": [{"prefect.resource.id": f"prefect.tag.{tag}", "prefect.resource.role": "tag"}],
    }
    two.api.post("/events", json=[event]).raise_for_status()


def found_dead(two: Two, run: str, tag: str) -> None:
    """Its watch ends the run; a beat that came before a busy server knew of the watch is given again."""
    for _ in range(5):
        with suppress(AssertionError):
            eventually(lambda: two.run(run)["state_type"] == "CRASHED", "the end of the run", seconds=40)
            return
        beat(two, run, tag)
    raise AssertionError(f"the run {run} of {tag}, whose watch is on, is not found dead")


def test_a_paused_automation_of_one_is_not_made_up_for_by_the_others(
    two: Two, impatient: Mapping[str, dict[str, Any]]
) -> None:
    two.api.patch(f"/automations/{impatient['Sincronia: ensaio']['id']}", json={"enabled": False}).raise_for_status()
    ours = beats_once(two, two.matriz, "sincronia")
    theirs = beats_once(two, two.filial, "sincronia-filial")
    found_dead(two, theirs, "sincronia-filial")
    assert two.run(ours)["state_type"] == "RUNNING"
    two.api.delete(f"/flow_runs/{ours}").raise_for_status()


# --- deploying -----------------------------------------------------------------------------------------------------


def kept(two: Two) -> dict[str, Any]:
    """All that a deploy could change, here and in the first company's database."""
    blocks = two.api.post("/block_documents/filter", json={"include_secrets": True}).raise_for_status().json()
    with transaction(two.matriz.engine) as connection:
        timetable = fetch(connection, "SELECT * FROM sync_agenda ORDER BY entidade")
    return {
        "deployments": sorted((each["id"], each["updated"]) for each in two.all_of("deployments")),
        "automations": sorted((each["id"], each["updated"]) for each in two.all_of("automations")),
        "blocks": sorted((each["id"], str(each["data"])) for each in blocks),
        "timetable": timetable,
    }


def test_a_deploy_over_anothers_blocks_is_refused_unless_told_so(two: Two, postgres: Postgres) -> None:
    wrong = two.filial.settings | {VARIABLE: ""}  # somebody forgot the name
    before = kept(two)
    refused = deploying(two.server, wrong)
    print(refused.stdout + refused.stderr)  # noqa: T201
    assert refused.returncode == 1
    assert kept(two) == before
    for one in (two.matriz, two.filial):
        database = f"banco {one.engine.url.database}, usuário {one.engine.url.username}"
        assert f"PostgreSQL em 127.0.0.1:{one.engine.url.port}, {database}" in refused.stderr
        assert f"Odoo em {one.odoo.url}, banco {one.odoo.db}" in refused.stderr
    assert "make deploy ARGS=--assumir" in refused.stderr
    assert "SINCRONIA_INSTALACAO=filial" in refused.stderr
    for secret in ("ODOO_PASSWORD", "DATABASE_URL", "SLACK_WEBHOOK_URL"):
        assert wrong[secret] not in refused.stderr

    taken = deploying(two.server, wrong, "--assumir")
    assert taken.returncode == 0, taken.stderr
    assert "bloco sqlalchemy-connector/banco: atualizado" in taken.stdout
    assert kept(two)["blocks"] != before["blocks"]
    assert deploying(two.server, wrong).returncode == 0  # the blocks are its own now
    assert deploying(two.server, two.matriz.settings, "--assumir").returncode == 0
    assert kept(two)["blocks"] == before["blocks"]
    assert deploying(two.server, two.filial.settings).returncode == 0  # no block of its own was touched


# --- cleaning up (the last: nothing of the second is left) ---------------------------------------------------------


def workers(two: Two, company: Company) -> set[str]:
    found = two.api.post(f"/work_pools/sincronia{company.suffix}/workers/filter", json={}).raise_for_status().json()
    return {each["name"] for each in found}


def test_a_clean_up_of_one_leaves_the_others_runs_and_workers(two: Two, worked: dict[str, Any], as_: Any) -> None:
    as_(two.filial)
    for one in (two.matriz, two.filial):
        pool = f"/work_pools/sincronia{one.suffix}/workers"
        two.api.post(f"{pool}/heartbeat", json={"name": "de-passagem"}).raise_for_status()
    before = workers(two, two.matriz)
    later = datetime.now(UTC) + timedelta(days=1)
    with prefect_api() as client:
        removed, _, left = remove_runs(client, later, time.monotonic() + 60)
        remove_workers(client, later)
        assert (count_runs(client), left) == (0, False)
    assert removed >= 3  # vendas and its two entities
    assert workers(two, two.matriz) == before
    assert "de-passagem" in before
    assert two.run(worked["runs"]["sincronia"])["state_type"] == "COMPLETED"
    left_over = {tag for each in two.all_of("flow_runs") for tag in each["tags"] if "sincronia" in tag}
    assert left_over == {"sincronia"}
