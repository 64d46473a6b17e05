"""What an installation is called, and what its things are called on Prefect's server."""

from collections.abc import Iterable
from itertools import permutations
from uuid import uuid4

import pytest
from prefect.events.schemas.automations import EventTrigger

from blocks.errors import ConfigurationError
from blocks.instalacao import DEFAULT, VARIABLE, installation, own
from flows.catalogo import JOBS, RELEITURA
from flows.conciliacao import report
from flows.connections import BANCO_BLOCK, ODOO_BLOCK, TINY_BLOCK, WORK_POOL, work_pool
from flows.manufatura.ordens_mto import ORDENS_MTO
from flows.operacao import alerts, links
from flows.operacao.alerts import SLACK_BLOCK
from flows.operacao.automations import STILLBORN, ZOMBIE, named, of_installation
from flows.operacao.deployments import Deployment
from flows.operacao.naming import to_run
from flows.operacao.timetable import declared, name_of, timetable
from flows.run.lock import limit_name, lock_name
from flows.settings import load_settings
from tests.flows.operacao.test_alerts import never_ran


def names_of(deployments: Iterable[dict[str, object]]) -> list[str]:
    return [str(deployment["name"]) for deployment in deployments]


def deployment_of(name: str) -> Deployment:
    flow = name.partition("/")[0]
    return Deployment(uuid4(), name, flow, switched_off=False, schedules=(), schema={}, created=None)


def test_the_installation_that_was_given_no_name_has_the_plain_names() -> None:
    assert (installation(), own("odoo"), limit_name("carteira"), work_pool()) == (
        "sincronia",
        "odoo",
        "sync-carteira",
        "sincronia",
    )
    assert named(ZOMBIE.name) == ZOMBIE.name
    assert "vendas/vendas-agendada" in map(name_of, declared()["deployments"])
    assert declared()["deployments"][0]["tags"] == ["vendas", "odoo", "sincronia"]


@pytest.mark.parametrize("name", ["", DEFAULT])
def test_an_empty_name_and_the_defaults_own_are_no_other_installation(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(VARIABLE, name)
    assert (installation(), own("odoo"), load_settings().sincronia_instalacao) == (DEFAULT, "odoo", DEFAULT)


def test_another_installation_has_its_name_at_the_end_of_all_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "filial")
    assert (own("odoo"), limit_name("carteira"), work_pool()) == (
        "odoo-filial",
        "sync-carteira-filial",
        "sincronia-filial",
    )
    assert named(ZOMBIE.name) == "Sincronia-filial: execução sem sinal de vida"
    deployments = declared()["deployments"]
    assert "vendas/vendas-agendada-filial" in map(name_of, deployments)
    assert {each["work_pool"]["name"] for each in deployments} == {"sincronia-filial"}
    assert {tag.rpartition("-")[2] for each in deployments for tag in each["tags"]} == {"filial"}
    assert all("sincronia-filial" in each["tags"] for each in deployments)


def test_every_automation_asks_for_the_tag_of_its_own_installations_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    jobs = [never_ran(line) for line in timetable(declared()["deployments"])]
    for name, tag in (("", "sincronia"), ("filial", "sincronia-filial")):
        monkeypatch.setenv(VARIABLE, name)
        for each in map(of_installation, [ZOMBIE, STILLBORN, *alerts.declared(jobs, uuid4())]):
            assert isinstance(each.trigger, EventTrigger)
            related = each.trigger.model_dump()["match_related"]
            assert {"prefect.resource.role": "tag", "prefect.resource.id": f"prefect.tag.{tag}"} in related
            assert {} not in related


def test_the_lock_that_protects_the_tables_has_one_name_whoever_takes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two installations that were given one database by mistake still do not write at once."""
    plain = lock_name("carteira")
    monkeypatch.setenv(VARIABLE, "filial")
    assert lock_name("carteira") == plain == "sync-carteira"


ACCEPTED = ["filial", "x", "filial-2", "sao-paulo-sp", "a" * 30]
REFUSED = [
    "Filial",
    "filial sp",
    "filial_sp",
    "são-paulo",
    "-filial",
    "filial-",
    "filial--2",
    "2-filial",
    "a/b",
    "a" * 31,
]


@pytest.mark.parametrize("name", ACCEPTED)
def test_a_name_of_small_letters_digits_and_hyphens_is_taken(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(VARIABLE, name)
    assert installation() == load_settings().sincronia_instalacao == name


@pytest.mark.parametrize("name", REFUSED)
def test_any_other_name_is_refused_with_what_is_accepted(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(VARIABLE, name)
    told = f"Configuração inválida: SINCRONIA_INSTALACAO={name!r}: aceito: até 30 letras minúsculas sem acento, dígitos"
    for read in (installation, load_settings):
        with pytest.raises(ConfigurationError) as refused:
            read()
        assert str(refused.value).startswith(told)


ARTIFACTS = [
    *(f"sync-{job.name}" for job in JOBS),
    *(report.KEY, links.PANEL, RELEITURA.name, "tiny-integridade", "tiny-carga-progresso"),
    *(f"{ORDENS_MTO.name}-planejadas", f"{ORDENS_MTO.name}-faltas"),
]
PLAIN = {
    "blocks": [BANCO_BLOCK, ODOO_BLOCK, TINY_BLOCK, SLACK_BLOCK],
    "limits": [limit_name(job.name) for job in JOBS],
    "artifacts": ARTIFACTS,
    "deployments": names_of(declared()["deployments"]),
    "tags": sorted({tag for each in declared()["deployments"] for tag in each["tags"]} | {WORK_POOL}),
}


@pytest.mark.parametrize("kind", PLAIN)
def test_no_name_of_one_installation_is_a_name_of_any_other(kind: str) -> None:
    """`a` of the installation `b-c` and `a-b` of `c` would be one: no plain name begins with another and a hyphen."""
    assert PLAIN[kind]
    alike = [(one, other) for one, other in permutations(PLAIN[kind], 2) if one.startswith(f"{other}-")]
    assert not alike


def test_a_domains_name_means_the_deployment_that_runs_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "filial")
    known = {name_of(each): deployment_of(name_of(each)) for each in declared()["deployments"]}
    assert to_run("vendas", dict(sorted(known.items(), reverse=True))).name == "vendas/vendas-agendada-filial"
