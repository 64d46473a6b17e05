"""Every migration on large tables, while somebody reads and writes them: the longest wait, and the longest lock.

Each migration has a database of its own in which all that it touches is filled beforehand.
"""

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import psycopg2
from psycopg2 import sql
from sqlalchemy import Engine, text

from blocks.banco import open_engine
from demo.postgres import Postgres, embedded_postgres
from schema import migrate

Progress = Callable[[str], None]

TOUCHED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "0006": (
            *("carteira_principal", "faturamento_produtos", "historico_pedidos", "import_failures", "log_integracao"),
            *("movimentacao_estoque", "ordem_producao", "pedido_compras", "requisicao_compras", "sync_documento"),
            *("requisicao_compra_alocacao", "tiny.ordens_servico"),
        ),
        "0007": ("log_integracao",),
        "0008": ("sync_documento",),
        "0009": ("import_failures",),
        "0010": ("pedido_compras", "historico_pedido_compras"),
        "0011": (
            *("carteira_principal", "faturamento_produtos", "historico_pedidos", "relatorio_faturamento_importado"),
            *("separacao", "movimentacao_estoque"),
        ),
        "0012": ("sync_documento",),
        "0013": ("sync_documento",),
        "0015": ("tiny.credenciais",),
        "0016": ("tiny.ordens_servico", "tiny.ordem_status_history"),
        "0017": ("log_integracao", "import_failures", "tiny.renovacoes"),
        "0018": ("sync_metadata",),
        "0019": ("carteira_principal", "movimentacao_estoque", "log_integracao", "sync_documento"),
        "0020": ("import_failures", "sync_documento"),
        "0021": ("import_failures",),
        "0022": ("sync_documento",),
    }
)
"""The tables that were there before a migration and that it changes; those before 0006 only make tables.

0019 comments on every table: here are four of those that are largest or written most.
"""

_PAUSE = 0.01
_COLUMNS = """
    SELECT a.attname, format_type(a.atttypid, NULL), a.atttypmod - 4,
           a.attnotnull OR NOT EXISTS (SELECT FROM pg_constraint f
                                       WHERE f.contype = 'f' AND f.conrelid = a.attrelid AND a.attnum = ANY(f.conkey))
    FROM pg_attribute a
    WHERE a.attrelid = CAST(:name AS regclass) AND a.attnum > 0 AND NOT a.attisdropped AND a.attidentity = ''
      AND a.attgenerated = ''
    ORDER BY a.attnum
"""
_TEXTS = ("character varying", "text")
_VALUES = MappingProxyType(
    {
        "bigint": "n",
        "integer": "n",
        "numeric": "n % 1000",
        "double precision": "n % 1000",
        "boolean": "n % 2 = 0",
        "date": "current_date - n % 1000",
        "time without time zone": "'12:00'",
        "timestamp with time zone": "now() - n * interval '1 minute'",
        "jsonb": "'{\"novos\": 2}'",
        "bigint[]": "ARRAY[n]",
        "text[]": "'{}'",
        "interval": "interval '1 hour'",
        "smallint": "n % 10",
    }
)
_SPECIAL = MappingProxyType(
    {
        ("log_integracao", "status"): "(ARRAY['sucesso', 'erro', 'erro'])[1 + n % 3]",
        ("log_integracao", "mensagem"): "'Execução interrompida antes de terminar'",
        ("log_integracao", "tempo_execucao"): "CASE n % 3 WHEN 1 THEN NULL ELSE n % 1000 END",
        ("import_failures", "proxima_tentativa"): "CASE n % 3 WHEN 1 THEN NULL ELSE now() END",
        ("pedido_compras", "qtd_recebida_estoque"): "0",
        ("sync_documento", "lido_em"): "now() - interval '1 minute'",
        ("import_failures", "status"): "(ARRAY['pendente', 'esgotado', 'resolvido'])[1 + n % 3]",
        ("ordem_producao", "origem_ordem"): "'MTO'",
        ("ordem_producao", "status"): "'Planejada'",
        ("tiny.ordens_servico", "situacao"): "3",
        ("tiny.ordem_status_history", "status_novo"): "3",
        ("tiny.ordem_status_history", "status_antigo"): "2",
        ("tiny.ordem_status_history", "id_os"): "n",
    }
)


def before(revision: str) -> str:
    """The migration before this one."""
    return "0013" if revision == "0015" else f"{int(revision) - 1:04}"


def fill(engine: Engine, table: str, rows: int) -> None:
    """Give a table so many rows, with a value in each column that points to no other table."""
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        names, values = [], []
        for name, kind, size, wanted in connection.execute(text(_COLUMNS), {"name": table}).all():
            given = _SPECIAL.get((table, name))
            if given is None and not wanted:
                continue
            given = given or _value(kind, size)
            names.append(f'"{name}"')
            values.append(given)
        statement = (
            f"INSERT INTO {table} ({', '.join(names)}) SELECT {', '.join(values)} FROM generate_series(1, {rows}) n"
        )
        connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
        connection.exec_driver_sql(statement.replace("%", "%%"))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(f"VACUUM ANALYZE {table}")


def _value(kind: str, size: int) -> str:
    if kind in _TEXTS:
        limit = size if size > 0 else 20
        return f"right('nome ' || n, {limit})" if limit >= 8 else f"left((n % 1000)::text, {limit})"
    return _VALUES[kind]


@dataclass
class Watch:
    """Somebody who reads and writes a table all the time.

    Attributes:
        read, written: the longest that a statement of each kind took, in seconds.
        locked: the longest that somebody held a lock that keeps writers out, in seconds.
    """

    table: str
    read: float = 0
    written: float = 0
    locked: float = 0
    errors: list[str] = field(default_factory=list)

    def longest(self) -> float:
        """The longest wait of anybody."""
        return max(self.read, self.written)


@contextmanager
def watched(dsn: str, table: str) -> Iterator[Watch]:
    """Read and write the table until the block ends."""
    watch, stop = Watch(table), threading.Event()
    with closing(psycopg2.connect(dsn)) as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT attname FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0] "
            "WHERE i.indisprimary AND i.indrelid = %s::regclass",
            [table],
        )
        [(key,)] = cursor.fetchall()
        cursor.execute(f"SELECT {key} FROM {table} TABLESAMPLE SYSTEM (0.01) LIMIT 200")
        keys = [row[0] for row in cursor] or [None]
    statements = {
        "read": f"SELECT * FROM {table} WHERE {key} = %s LIMIT 1",
        "written": f"UPDATE {table} SET {key} = {key} WHERE ctid = (SELECT ctid FROM {table} WHERE {key} = %s LIMIT 1)",
    }
    work = [
        threading.Thread(target=_ask, args=(dsn, statements[kind], keys, (watch, kind), stop)) for kind in statements
    ]
    work.append(threading.Thread(target=_look, args=(dsn, watch, stop)))
    for each in work:
        each.start()
    try:
        yield watch
    finally:
        stop.set()
        for each in work:
            each.join()


def _ask(dsn: str, statement: str, keys: Sequence[Any], watched_as: tuple[Watch, str], stop: threading.Event) -> None:
    watch, kind = watched_as
    with closing(psycopg2.connect(dsn)) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        number = 0
        while not stop.is_set():
            began = time.monotonic()
            try:
                cursor.execute(statement, [keys[number % len(keys)]])
            except psycopg2.Error as error:
                watch.errors.append(str(error).strip())
            setattr(watch, kind, max(getattr(watch, kind), time.monotonic() - began))
            number += 1
            stop.wait(_PAUSE)


def _look(dsn: str, watch: Watch, stop: threading.Event) -> None:
    """See how long the same session holds a lock that keeps out who writes."""
    since: dict[int, float] = {}
    with closing(psycopg2.connect(dsn)) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        while not stop.is_set():
            cursor.execute(
                "SELECT DISTINCT pid FROM pg_locks WHERE relation = %s::regclass AND granted AND mode IN "
                "('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')",
                [watch.table],
            )
            now, holders = time.monotonic(), {row[0] for row in cursor}
            since = {pid: since.get(pid, now) for pid in holders}
            watch.locked = max([watch.locked, *(now - began for began in since.values())])
            stop.wait(_PAUSE)


def measure(postgres: Postgres, revision: str, rows: int, progress: Progress) -> dict[str, Any]:
    """One migration on tables of so many rows: seconds that it took, and the longest waits and locks by table."""
    database = f"migracao_{revision}"
    postgres.create_database(database)
    engine = open_engine(postgres.url(database), statement_timeout=3600)
    try:
        migrate.upgrade(engine, before(revision))
        for table in TOUCHED[revision]:
            fill(engine, table, rows)
        with ExitStack() as stack:
            watches = [stack.enter_context(watched(postgres.dsn(database), table)) for table in TOUCHED[revision]]
            time.sleep(0.5)
            for watch in watches:
                watch.read = watch.written = 0.0
            began = time.monotonic()
            migrate.upgrade(engine, revision)
            seconds = time.monotonic() - began
    finally:
        engine.dispose()
    with closing(psycopg2.connect(postgres.dsn())) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        cursor.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(database)))
    worst = max(watches, key=Watch.longest)
    progress(f"{revision}: {seconds:.1f} s, longest wait {worst.longest():.2f} s ({worst.table})")
    return {
        "revision": revision,
        "rows": rows,
        "seconds": seconds,
        "tables": {each.table: {"read": each.read, "written": each.written, "locked": each.locked} for each in watches},
        "errors": [error for each in watches for error in each.errors],
    }


def run(rows: int, revisions: Sequence[str], progress: Progress) -> dict[str, Any]:
    """All these migrations, one after the other."""
    with embedded_postgres(durable=True, progress=progress) as postgres:
        return {"migrations": [measure(postgres, each, rows, progress) for each in revisions]}


def show(measured: Mapping[str, Any]) -> str:
    """The longest waits as a table in Markdown."""
    lines = ["| migration | took, s | longest read, s | longest write, s | longest lock, s |", "|---|---|---|---|---|"]
    for each in measured["migrations"]:
        longest = [max(table[kind] for table in each["tables"].values()) for kind in ("read", "written", "locked")]
        lines.append(
            f"| {each['revision']} | {each['seconds']:.1f} | " + " | ".join(f"{one:.2f}" for one in longest) + " |"
        )
    return "\n".join(lines)
