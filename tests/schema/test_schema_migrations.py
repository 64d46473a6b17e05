"""The migrations and the metadata describe one database, and migrating again is safe."""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, text

from blocks.banco import open_engine
from demo.postgres import Postgres
from schema import metadata, migrate

DUMPS = {
    "tables": """
        SELECT c.relname, c.relkind, obj_description(c.oid, 'pg_class') FROM pg_class c
        WHERE c.relnamespace::regnamespace::text IN ('public', 'tiny', 'sincronia')
          AND c.relkind IN ('r', 'v', 'm', 'S', 'p')
    """,
    "columns": """
        SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, a.attgenerated,
               pg_get_expr(d.adbin, d.adrelid), col_description(c.oid, a.attnum)
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
        WHERE c.relnamespace::regnamespace::text IN ('public', 'tiny', 'sincronia') AND c.relkind IN ('r', 'v')
    """,
    "order of columns": """
        SELECT table_name, string_agg(column_name, ' ' ORDER BY ordinal_position) FROM information_schema.columns
        WHERE table_schema IN ('public', 'tiny', 'sincronia') GROUP BY table_schema, table_name
    """,
    "constraints": """
        SELECT conrelid::regclass::text, conname, contype, pg_get_constraintdef(oid) FROM pg_constraint
        WHERE connamespace::regnamespace::text IN ('public', 'tiny')
    """,
    "indexes": "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname IN ('public', 'tiny')",
    "functions": """
        SELECT proname, pg_get_functiondef(oid) FROM pg_proc
        WHERE pronamespace::regnamespace::text IN ('public', 'tiny')
    """,
    "triggers": "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
    "views": "SELECT viewname, definition FROM pg_views WHERE schemaname IN ('public', 'tiny', 'sincronia')",
}


@pytest.fixture
def empty(postgres: Postgres) -> Iterator[Engine]:
    name = f"vazio_{uuid.uuid4().hex[:12]}"
    postgres.create_database(name)
    engine = open_engine(postgres.url(name))
    yield engine
    engine.dispose()


def dump(engine: Engine, query: str) -> set[tuple[Any, ...]]:
    with engine.connect() as connection:
        return {tuple(row) for row in connection.execute(text(query)) if row[0] != "alembic_version"}


def test_autogenerate_finds_nothing_to_migrate(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_server_default": True, "compare_type": True, "include_schemas": True}
        )
        assert compare_metadata(context, metadata) == []


@pytest.mark.parametrize("part", DUMPS)
def test_migrations_and_metadata_make_the_same_database(engine: Engine, empty: Engine, part: str) -> None:
    metadata.create_all(empty)
    migrated, described = (dump(each, DUMPS[part]) for each in (engine, empty))
    if part != "views":
        assert described
    assert {row for row in migrated if "alembic_version" not in str(row)} == described


def test_upgrading_again_changes_nothing(engine: Engine) -> None:
    before = {part: dump(engine, query) for part, query in DUMPS.items()}
    migrate.upgrade(engine)
    assert {part: dump(engine, query) for part, query in DUMPS.items()} == before
    with engine.connect() as connection:
        assert len(connection.execute(text("SELECT version_num FROM alembic_version")).all()) == 1


def test_upgrading_keeps_the_data(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO sync_metadata (entidade, checkpoint) VALUES ('x', now())"))
    migrate.upgrade(engine)
    assert dump(engine, "SELECT entidade FROM sync_metadata") == {("x",)}


def test_runs_that_were_killed_or_skipped_are_told_apart_in_the_log_of_before(empty: Engine) -> None:
    killed, missing = "Execução interrompida antes de terminar", "O servidor Odoo não tem purchase.request: …"
    rows = [
        ("erro", None, killed, "interrompida"),
        ("erro", 3.0, killed, "erro"),
        ("erro", 3.0, "O disco encheu", "erro"),
        ("executando", None, "Carteira: em execução", "executando"),
        ("sucesso", 1.0, missing, "pulada"),
        ("sucesso", 1.0, "Não há conta do Tiny: nem TINY_CLIENT_ID …", "pulada"),
        ("sucesso", 1.0, "Carteira: nada mudou", "sucesso"),
    ]
    migrate.upgrade(empty, "0006")
    with empty.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO log_integracao (tipo_integracao, status, tempo_execucao, mensagem) "
                "VALUES ('carteira', :status, :seconds, :message)"
            ),
            [{"status": status, "seconds": seconds, "message": message} for status, seconds, message, _ in rows],
        )
    migrate.upgrade(empty)
    with empty.connect() as connection:
        found = connection.execute(text("SELECT status FROM log_integracao ORDER BY id")).scalars().all()
    assert found == [expected for *_, expected in rows]


def test_the_runs_of_before_are_added_up_by_day_once_each(empty: Engine) -> None:
    migrate.upgrade(empty, "0016")
    with empty.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO log_integracao (tipo_integracao, status, data_execucao, tempo_execucao, detalhes) "
                "SELECT 'carteira', CASE WHEN n % 10 = 0 THEN 'executando' ELSE 'sucesso' END, "
                "now() - n * interval '1 hour', 3, '{\"novos\"\\: 2}' FROM generate_series(1, 100) n"
            )
        )
    migrate.upgrade(empty)
    asked = text("SELECT sum(execucoes), sum(segundos), sum(novos), max(faixa) FROM log_integracao_dia")
    with empty.begin() as connection:
        assert tuple(connection.execute(asked).one()) == (90, 270, 180, 5)
        connection.execute(text("UPDATE log_integracao SET status = 'erro' WHERE status = 'executando'"))
        assert tuple(connection.execute(asked).one()) == (100, 300, 200, 5)


def test_a_migration_that_fails_leaves_the_database_as_it_was(empty: Engine) -> None:
    with empty.begin() as connection:
        connection.execute(text("CREATE TABLE separacao (x int)"))
    before = {part: dump(empty, query) for part, query in DUMPS.items()}
    with pytest.raises(Exception, match="separacao"):
        migrate.upgrade(empty)
    assert {part: dump(empty, query) for part, query in DUMPS.items()} == before


def test_every_key_of_the_design_is_a_real_unique_constraint(engine: Engine) -> None:
    keys = dump(
        engine,
        "SELECT conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint WHERE contype IN ('u', 'p')",
    )
    assert {
        ("faturamento_produtos", "UNIQUE (company_id, serie, numero_nf, cod_produto, origem) DEFERRABLE"),
        ("carteira_principal", "UNIQUE (num_pedido, cod_produto) DEFERRABLE"),
        ("relatorio_faturamento_importado", "UNIQUE (company_id, serie, numero_nf) DEFERRABLE"),
        ("cadastro_palletizacao", "UNIQUE (cod_produto)"),
        ("movimentacao_estoque", "UNIQUE (faturamento_produto_id)"),
        ("import_failures", "UNIQUE (entidade, documento_id, registro_id)"),
        ("sync_documento", "PRIMARY KEY (entidade, documento_id)"),
        ("sync_metadata", "PRIMARY KEY (entidade)"),
    } <= keys


def test_tables_that_are_rewritten_all_day_are_vacuumed_sooner_until_downgraded(empty: Engine) -> None:
    options = """
        SELECT c.oid::regclass::text, o.option_value::float FROM pg_class c, pg_options_to_table(c.reloptions) o
        WHERE c.relkind = 'r' AND c.relnamespace::regnamespace::text IN ('public', 'tiny')
          AND o.option_name = 'autovacuum_vacuum_scale_factor'
    """
    migrate.upgrade(empty)
    sooner = dump(empty, options)
    assert {("sync_documento", 0.02), ("carteira_principal", 0.02), ("tiny.ordens_servico", 0.02)} <= sooner
    assert "tiny.cotas" not in {table for table, _ in sooner}  # small: the default is soon enough
    config = migrate._config()
    with empty.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0004")
    assert dump(empty, "SELECT relname FROM pg_class WHERE relkind = 'r' AND reloptions IS NOT NULL") == set()


def test_every_moment_is_stored_with_its_time_zone(engine: Engine) -> None:
    naive = "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema IN ('public', 'tiny')"
    assert dump(engine, f"{naive} AND data_type = 'timestamp without time zone'") == set()


@pytest.mark.parametrize("table", ["sync_metadata", "sync_documento", "import_failures", "log_integracao"])
def test_the_sync_s_own_tables_say_what_they_hold(engine: Engine, table: str) -> None:
    assert metadata.tables[table].comment
    comment = f"SELECT obj_description('{table}'::regclass, 'pg_class')"
    assert dump(engine, comment) == {(metadata.tables[table].comment,)}


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT MAX(updated_at) as ultima_sync_nf FROM faturamento_produtos WHERE created_by = 'odoo_sync'",
        "SELECT MAX(criado_em) as ultima_sync_carteira FROM separacao WHERE status != 'PREVISAO'",
        """
        SELECT COUNT(*), DATE(updated_at) as dia FROM faturamento_produtos
        WHERE created_by = 'odoo_sync' AND updated_at > NOW() - INTERVAL '24 hours' GROUP BY dia
        """,
        """
        SELECT COUNT(*), DATE(criado_em) as dia FROM separacao
        WHERE status != 'PREVISAO' AND criado_em > NOW() - INTERVAL '24 hours' GROUP BY dia
        """,
    ],
)
def test_the_operators_sql_runs_as_they_write_it(engine: Engine, statement: str) -> None:
    dump(engine, statement)


def test_what_is_stored_is_read_once_more_after_reads_are_numbered(empty: Engine) -> None:
    migrate.upgrade(empty, "0007")
    with empty.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO sync_metadata (entidade, checkpoint) "
                "VALUES ('carteira', now()), ('tiny_carga:2026-01', now());"
                "INSERT INTO sync_documento (entidade, documento_id, versao, lido_em) "
                "VALUES ('carteira', 1, now() - interval '1 year', now())"
            )
        )
    migrate.upgrade(empty)
    with empty.connect() as connection:
        stands = dict(connection.execute(text("SELECT entidade, checkpoint IS NULL FROM sync_metadata")).all())
        [read] = connection.execute(text("SELECT lido_em = versao, leitura FROM sync_documento")).all()
    assert stands == {"carteira": True, "tiny_carga:2026-01": False}
    assert tuple(read) == (True, 0)
