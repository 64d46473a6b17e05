"""The version before retention and roles (its newest migration is 0016), upgraded with data in all tables."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import Engine, text

from bench.migrations import fill
from demo import story
from demo.deployments import set_schedules
from demo.postgres import embedded_postgres
from demo.prefect import PrefectServer, prefect_worker
from schema import migrate
from tests.flows.conftest import deploy_command, eventually
from tests.flows.upgrade.whole import (
    ROOT,
    Business,
    Place,
    Sources,
    archived,
    columns_of,
    contents,
    quiet,
    schedules,
    sources,
)

pytestmark = [pytest.mark.prefect, pytest.mark.recovery]

COMMIT = "45a1c943fa39"
"""The last one whose newest migration is 0016."""
REWRITTEN = {"sync_agenda", "alembic_version"}
"""What `make deploy` writes by itself."""


@pytest.fixture
def old(tmp_path: Path) -> Path:
    found = archived(COMMIT, tmp_path / "antes")
    if found is None:
        pytest.skip(f"this checkout has no history back to {COMMIT}")
    return found


@pytest.fixture
def world() -> Iterator[Sources]:
    with sources() as opened:
        yield opened


def at(engine: Engine) -> str | None:
    with engine.connect() as connection:
        return migrate.standing(connection).stored


def checkpoints(engine: Engine) -> dict[str, object]:
    with engine.connect() as connection:
        found = connection.execute(text("SELECT entidade, checkpoint FROM sync_metadata"))
        return {entity: moment for entity, moment in found.all()}  # noqa: C416 - mypy knows no rows


def pause(server: PrefectServer, *, but: str) -> None:
    """Leave one deployment to its schedule, which is hours away."""
    set_schedules(server, active=False)
    with httpx.Client(base_url=server.api_url, trust_env=False, timeout=30, verify=False) as api:
        found = api.get(f"/deployments/name/{but}").raise_for_status().json()
        api.post(f"/deployments/{found['id']}/resume_deployment").raise_for_status()


def test_every_row_stays_as_it_was_and_the_next_runs_go_on_as_a_role_of_their_own(
    old: Path, world: Sources, tmp_path: Path
) -> None:
    with embedded_postgres(durable=False) as postgres:
        before = Place(postgres, tmp_path / "prefect", roles=False)
        for database in ("sincronia", "prefect"):
            postgres.create_database(database)
        with before.engine() as engine, story.scene(world.odoo, engine, quiet) as scene:
            business = Business(scene, world.tiny)
            with before.server() as server:
                deploy_command(server, before.settings | world.settings, code=old)
                pause(server, but="vendas/vendas-varredura")
                world.consent(engine)
                with prefect_worker(server, code=old):
                    business.first(server)
                planned = schedules(server)
            assert at(engine) == "0016"
            columns = {table: listed for table, listed in columns_of(engine).items() if table not in REWRITTEN}
            for table, (rows, _) in contents(engine, columns).items():
                if not rows:
                    fill(engine, table, 3)
            with engine.begin() as connection:  # a renewal that was only filled in
                connection.execute(
                    text("UPDATE tiny.renovacoes SET resultado = 'renovado' WHERE resultado LIKE 'nome %'")
                )
            stored, stands = contents(engine, columns), checkpoints(engine)
            assert [table for table, (rows, _) in stored.items() if not rows] == []

            now = Place(postgres, tmp_path / "prefect")
            told = now.make_roles()
            assert "direitos de sincronia_worker: make deploy os dá, depois das migrações" in told
            with now.server() as server:
                said = deploy_command(server, now.settings | world.settings)
                assert "direitos de sincronia_worker" in said
                assert contents(engine, columns) == stored
                assert checkpoints(engine) == stands
                kept = schedules(server)
                assert {number: one[:2] for number, one in planned.items()}.items() <= {
                    number: one[:2] for number, one in kept.items()
                }.items()
                with prefect_worker(server, code=ROOT):
                    business.second(server)
                assert business.differences(world) == {}
                moved = checkpoints(engine)
                assert all(moved[entity] >= moment for entity, moment in stands.items() if moment)  # type: ignore[operator]
                eventually(lambda: summed(engine), "every run is in its day's sums")
            with engine.connect() as connection:
                users = connection.execute(text("SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'tiny'"))
                assert users.scalars().all() == ["sincronia_dono"]


def summed(engine: Engine) -> bool:
    """Whether the runs of the log are all added up by day."""
    with engine.connect() as connection:
        ended = connection.execute(text("SELECT count(*) FROM log_integracao WHERE status <> 'executando'")).scalar()
        return ended == connection.execute(text("SELECT sum(execucoes) FROM log_integracao_dia")).scalar()
