"""Whose a column is: no sync writes what the metadata mark as somebody else's, whatever the table."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from typing import Any

import pytest
from sqlalchemy import ARRAY, Boolean, Column, Connection, Date, DateTime, Engine, Float, Numeric, Table, Time, text
from sqlalchemy import Integer as AnyInteger
from sqlalchemy.dialects.postgresql import JSONB

from blocks.banco import Target, execute, stage, table_of, upsert
from flows.catalogo import ENTITIES
from flows.manufatura import ordens_mto
from flows.manufatura.statements import MANUFATURA
from flows.sync.followups import Derived
from flows.sync.grouped import Grouped
from flows.tiny_os import targets
from schema import metadata
from schema.base import owned

DERIVED = tuple(step.target for entity in ENTITIES for step in entity.after if isinstance(step, (Derived, Grouped)))
GROUPED = tuple(step.target for entity in ENTITIES for step in entity.after if isinstance(step, Grouped))
TINY = tuple(found for found in vars(targets).values() if isinstance(found, Target))
TARGETS = {each.table: each for each in (*(entity.target for entity in ENTITIES), *DERIVED, *TINY, ordens_mto.TARGET)}
PEOPLE, BOOKKEEPING = "pessoas", "registro"

MADE: tuple[tuple[type[Any], Callable[[int], Any]], ...] = (
    (Boolean, lambda n: n % 2 == 0),
    (Numeric, lambda n: n),
    (Float, lambda n: n),
    (AnyInteger, lambda n: n),
    (DateTime, lambda n: datetime(2026, 1, n, tzinfo=UTC)),
    (Date, lambda n: date(2026, 1, n)),
    (Time, time),
    (JSONB, lambda n: f'["{n}"]'),
    (ARRAY, lambda n: f"{{{n}}}"),
)
"""A value of each type of column, by a number; of every other the number as a text."""


def test_there_are_the_targets_of_all_jobs() -> None:
    assert {
        "carteira_linha",
        "carteira_principal",
        "lead_time_fornecedor",
        "tiny.contatos",
        "ordem_producao",
    } <= TARGETS.keys()
    assert len(TARGETS) == len(ENTITIES) + 2 + 3 + 5 + 1


def value(column: Column[Any], number: int) -> Any:
    return next((make(number) for kind, make in MADE if isinstance(column.type, kind)), str(number))


def table_named(target: Target) -> Table:
    return metadata.tables[target.table]


def row(target: Target, number: int) -> dict[str, Any]:
    """A row of the target whose columns, but for its key, hold values of this number."""
    table = table_named(target)
    return {name: value(table.c[name], 1 if name in target.key else number) for name in target.columns}


def write(connection: Connection, target: Target, given: dict[str, Any]) -> None:
    if target is not ordens_mto.TARGET:  # its orders get numbers, so it has statements of its own
        upsert(connection, target, [given])
        return
    stage(connection, target, [given])
    for name in ("ordens_novas", "ordens_atualizadas"):
        execute(connection, MANUFATURA[name])


@pytest.mark.parametrize("name", TARGETS)
def test_no_target_has_a_column_of_people_nor_one_that_the_row_keeps_about_itself(name: str) -> None:
    target = TARGETS[name]
    # Rows that are made of lines are known by their id alone, since any other column of theirs may change.
    columns = [name for name in target.columns if name != "id" or target not in GROUPED]
    owners = {table_named(target).c[column].info.get("owner") for column in columns}
    assert owners == {None}
    assert "id" not in columns or table_named(target).c["id"].identity is None


def test_a_history_has_each_column_that_its_table_s_sync_writes_but_key_and_version() -> None:
    about_itself = {"operacao", "alterado_em", "alterado_por", "write_date_odoo", "alteracoes"}
    kept = [(entity.target, entity.history) for entity in ENTITIES if entity.history]
    assert kept
    for target, history in kept:
        parent, found = table_named(target).c, metadata.tables[history.table].c
        wanted = [name for name in target.columns if name not in (*target.key, target.version)]
        snapshot = [each.name for each in found if each.name not in {"id", history.parent, *about_itself}]
        assert snapshot == wanted
        for name in wanted:
            assert (str(found[name].type), found[name].nullable) == (str(parent[name].type), parent[name].nullable)


@pytest.mark.parametrize("name", TARGETS)
def test_a_changed_row_leaves_every_column_of_people_and_of_other_jobs_as_it_was(banco: Engine, name: str) -> None:
    target = TARGETS[name]
    table = table_named(target)
    others = [each for each in table.c if each.info.get("owner") not in (None, BOOKKEEPING)]
    typed = {each.name: value(each, 3) for each in others if each.info["owner"] == PEOPLE}

    def stored(connection: Connection) -> Any:
        [found] = connection.execute(table.select()).mappings()
        return found

    with banco.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))  # no row that a foreign key names
        write(connection, target, row(target, 1))
        if typed:
            connection.execute(table.update().values(typed))
        before = stored(connection)
        write(connection, target, row(target, 2))
        after = stored(connection)
    assert {each.name for each in table.c if before[each.name] != after[each.name]} & set(target.columns)
    assert {each.name: after[each.name] for each in others} == {each.name: before[each.name] for each in others}
    assert all(before[name] is not None for name in typed)


def test_an_unmarked_column_is_written_and_a_marked_one_is_not() -> None:
    table = metadata.tables["carteira_principal"].to_metadata(type(metadata)())
    table.append_column(Column("nova", Date))
    for column in owned("pessoas", Column("anotada", Date)):
        table.append_column(column)
    assert set(Target.of(table).columns) == {*Target.of(metadata.tables["carteira_principal"]).columns, "nova"}
    assert table_of(Target.of(table)).strings == ("carteira_principal",)
