"""The database says what its tables, views and columns mean, in the words of the metadata."""

import re

import pytest
from alembic import command
from sqlalchemy import Engine, Table, text

from schema import VIEWS, metadata, migrate
from tests.schema.test_schema_migrations import DUMPS, dump, empty

__all__ = ["empty"]

WHOSE = re.compile(r" \[(origem|cálculo|pessoas|registro)\]$")
LONGEST = 130
UNTOLD = """
    SELECT c.oid::regclass::text, a.attname FROM pg_class c
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum >= 0 AND NOT a.attisdropped
    WHERE c.relnamespace::regnamespace::text IN ('public', 'tiny', 'sincronia') AND c.relkind IN ('r', 'v')
      AND (col_description(c.oid, a.attnum) IS NULL OR obj_description(c.oid, 'pg_class') IS NULL)
"""


def test_the_database_tells_of_every_table_view_and_column_what_it_is(engine: Engine) -> None:
    assert dump(engine, UNTOLD) == set()
    counted = "SELECT count(*) FROM pg_description WHERE objoid = ANY(ARRAY['carteira_principal'::regclass::oid])"
    [(told,)] = dump(engine, counted)
    assert told == 1 + len(metadata.tables["carteira_principal"].columns)


def test_a_column_without_a_comment_would_be_seen(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE separacao ADD COLUMN nova int"))
    assert dump(engine, UNTOLD) == {("separacao", "nova")}


@pytest.mark.parametrize("table", metadata.sorted_tables, ids=str)
def test_a_comment_is_one_short_line_and_says_whose_the_values_are(table: Table) -> None:
    assert table.comment
    for column in table.columns:
        assert column.comment, column
        assert len(column.comment) <= LONGEST, column
        assert "\n" not in column.comment, column
        whose = WHOSE.search(column.comment)
        assert whose, column
        marked = column.info.get("owner")
        if marked in ("pessoas", "cálculo", "registro"):
            assert whose[1] == marked, column


def test_most_columns_of_the_source_say_which_field_they_are() -> None:
    tables = [table for table in metadata.sorted_tables if table.name in ("carteira_principal", "pedido_compras")]
    columns = [each for table in tables for each in table.columns if "[origem]" in (each.comment or "")]
    named = [each for each in columns if "Odoo: " in (each.comment or "") or "no Odoo: " in (each.comment or "")]
    assert len(named) > 0.85 * len(columns)


def test_every_column_of_a_view_is_told_in_its_order(engine: Engine) -> None:
    for view in VIEWS:
        with engine.connect() as connection:
            names = tuple(connection.execute(text(f"SELECT * FROM {view.name} LIMIT 0")).keys())
        assert names == tuple(view.columns), view.name


def test_a_downgrade_takes_the_new_comments_back_and_leaves_the_old_ones(empty: Engine) -> None:
    migrate.upgrade(empty, "0018")
    before = {part: dump(empty, DUMPS[part]) for part in ("tables", "columns")}
    migrate.upgrade(empty, "0019")
    assert {part: dump(empty, DUMPS[part]) for part in before} != before
    config = migrate._config()
    with empty.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0018")
    assert {part: dump(empty, DUMPS[part]) for part in before} == before


def test_what_a_role_named_as_our_schema_makes_later_does_not_go_into_it(empty: Engine) -> None:
    """The role of the tests is named sincronia, and by default a role's own schema comes first."""
    migrate.upgrade(empty)
    empty.dispose()
    with empty.begin() as connection:
        assert connection.execute(text("SELECT current_user, to_regnamespace('sincronia') IS NOT NULL")).one() == (
            "sincronia",
            True,
        )
        connection.execute(text("CREATE TABLE de_amanha (x int)"))
        found = connection.execute(
            text("SELECT relnamespace::regnamespace::text FROM pg_class WHERE relname = 'de_amanha'")
        )
        assert found.scalar_one() == "public"
