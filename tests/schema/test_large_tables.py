"""Migrations leave large tables usable: no step holds a lock for long, and one that was interrupted goes on."""

import ast
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, text

from bench.migrations import TOUCHED, before, fill
from demo.postgres import Postgres
from schema import metadata, migrate
from tests.schema.test_schema_migrations import empty

__all__ = ["empty"]

VERSIONS = sorted((Path(migrate.__file__).parent / "migrations" / "versions").glob("*.py"))
FROM = "0007"
"""The first migration after the first release; what came before it only makes tables."""
LONG = {"0011"}
"""Rewrites the sales tables for another scale of a price: docs/operacao.md says that it wants a quiet hour."""
CHANGE_ROWS = [file.name[:4] for file in VERSIONS if "change_rows(" in file.read_text(encoding="utf-8")]
SMALL = {"sync_metadata", "sync_agenda", "tiny.cotas", "tiny.limites", "tiny.credenciais"}
"""Never more than some hundred rows."""
HEAVY = {"create_unique_constraint", "create_check_constraint", "create_foreign_key", "create_primary_key"}


WAITING = "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"


def calls(file: Path) -> Iterator[tuple[str, ast.Call]]:
    """The calls of `op.…` by name, but for those of `downgrade`."""
    for function in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(function, ast.FunctionDef) and function.name != "downgrade":
            for node in ast.walk(function):
                if (
                    isinstance(node, ast.Call)
                    and isinstance(node.func, ast.Attribute)
                    and isinstance(node.func.value, ast.Name)
                    and node.func.value.id == "op"
                ):
                    yield node.func.attr, node


def told(node: ast.AST) -> str:
    """The texts within a call, one after the other."""
    return " ".join(
        each.value for each in ast.walk(node) if isinstance(each, ast.Constant) and isinstance(each.value, str)
    )


def faults(file: Path) -> Iterator[str]:
    made = {told(call.args[0]) for name, call in calls(file) if name == "create_table"}
    for name, call in calls(file):
        named = {keyword.arg for keyword in call.keywords}
        if name == "create_index" and told(call.args[1]) not in made:
            yield "create_index locks out who writes: make_index (schema/online.py)"
        if name in HEAVY and told(call.args[1]) not in made | SMALL:
            yield f"{name} reads the table under its lock: NOT VALID and VALIDATE, or USING INDEX"
        if name == "alter_column" and "type_" in named and told(call.args[0]) not in made | SMALL:
            yield "alter_column rewrites the table: a new column, change_rows (schema/online.py)"
        statement = told(call).split()
        if name == "execute" and statement[:1] in (["UPDATE"], ["DELETE"]) and statement[1] not in made | SMALL:
            yield f"one {statement[0]} locks all rows until its end: change_rows (schema/online.py)"


@pytest.mark.parametrize("file", [each for each in VERSIONS if each.name[:4] >= FROM], ids=lambda file: file.name[:4])
def test_no_migration_does_in_one_step_what_takes_long_on_a_large_table(file: Path) -> None:
    assert bool(list(faults(file))) is (file.name[:4] in LONG), list(faults(file))


@pytest.mark.parametrize(
    "step",
    [
        'op.create_index("ix", "log_integracao", ["status"])',
        'op.create_unique_constraint("uq", "log_integracao", ["status"])',
        'op.create_foreign_key("fk", "log_integracao", "separacao", ["x"], ["id"])',
        'op.alter_column("log_integracao", "status", type_=sa.String(40))',
        'op.execute("UPDATE log_integracao SET status = NULL")',
        'op.execute("DELETE FROM log_integracao")',
    ],
)
def test_the_rule_sees_such_a_step(tmp_path: Path, step: str) -> None:
    file = tmp_path / "0099_x.py"
    file.write_text(f"def upgrade():\n    {step}\n")
    assert len(list(faults(file))) == 1


def test_every_migration_of_a_table_that_was_there_is_measured() -> None:
    """`python -m bench migrations` knows what each touches."""
    assert TOUCHED.keys() == {file.name[:4] for file in VERSIONS if file.name[:4] >= "0006"}


@pytest.mark.parametrize("revision", CHANGE_ROWS)
def test_a_migration_that_was_interrupted_between_its_steps_is_run_again(empty: Engine, revision: str) -> None:
    migrate.upgrade(empty, before(revision))
    table = TOUCHED[revision][0]
    fill(empty, table, 30)
    with empty.begin() as connection:  # the tenth row that is changed is locked, as it were; the second time it is free
        connection.exec_driver_sql("CREATE SEQUENCE vezes")
        connection.exec_driver_sql(
            "CREATE FUNCTION ocupada() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "IF nextval('vezes') = 10 THEN RAISE EXCEPTION 'ocupada' USING ERRCODE = '55P03'; END IF; "
            "RETURN NEW; END $$"
        )
        connection.exec_driver_sql(
            f"CREATE TRIGGER ocupada BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION ocupada()"
        )
    migrate.upgrade(empty, revision)
    with empty.begin() as connection:
        assert connection.execute(text("SELECT last_value FROM vezes")).scalar_one() > 10
        connection.exec_driver_sql(f"DROP TRIGGER ocupada ON {table}")
        connection.exec_driver_sql("DROP FUNCTION ocupada(); DROP SEQUENCE vezes")
    migrate.upgrade(empty)
    with empty.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "include_schemas": True})
        assert compare_metadata(context, metadata) == []


def test_a_migration_gives_way_to_a_long_transaction_and_to_those_behind_it(empty: Engine, postgres: Postgres) -> None:
    migrate.upgrade(empty, "0016")
    work = threading.Thread(target=migrate.upgrade, args=(empty,))
    seen: set[int] = set()
    with empty.begin() as reader:
        reader.exec_driver_sql("SELECT count(*) FROM tiny.renovacoes")
        work.start()
        longest = 0.0
        while len(seen) < 2:  # each attempt is a session of its own
            with empty.begin() as other:
                waiting = (
                    "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
                )
                seen |= set(other.execute(text(waiting)).scalars())
                began = time.monotonic()
                other.exec_driver_sql("SELECT count(*) FROM tiny.renovacoes")
                longest = max(longest, time.monotonic() - began)
    work.join()
    assert longest < 2
    with empty.connect() as connection:
        standing = migrate.standing(connection)
    assert standing.stored == standing.newest
