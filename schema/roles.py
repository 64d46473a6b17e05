"""The three roles of an installation: who makes them, and what each owns. Run with an administrator's connection.

- the owner of the data: its database and all that the migrations make; only `make deploy` uses it;
- the worker's: owns nothing, may do what `schema.grants` lists;
- Prefect's: owns the database of the Prefect server, which is closed to all others.
"""

from typing import Any

from psycopg2.extensions import encrypt_password
from sqlalchemy import Connection, Engine, text

from schema import metadata
from schema.grants import OPEN, SCHEMAS, VIEWS

_OURS = [
    *(table.fullname for table in metadata.sorted_tables),
    *(f"{each.schema}.{each.name}" if each.schema else each.name for each in metadata._sequences.values()),
    *VIEWS,
    "alembic_version",
]

_FOREIGN = text("""
    SELECT kind, name FROM (
        SELECT CASE relkind WHEN 'S' THEN 'SEQUENCE' WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW'
                            ELSE 'TABLE' END AS kind,
               oid::regclass::text AS name, 'pg_class'::regclass AS catalog, oid, relowner AS owner,
               relnamespace AS namespace
        FROM pg_class WHERE relkind IN ('r', 'p', 'v', 'm', 'S')
        UNION ALL
        SELECT 'TYPE', oid::regtype::text, 'pg_type'::regclass, oid, typowner, typnamespace
        FROM pg_type WHERE typtype IN ('e', 'd')
        UNION ALL
        SELECT 'FUNCTION', p.oid::regprocedure::text, 'pg_proc'::regclass, p.oid, proowner, pronamespace
        FROM pg_proc p WHERE prokind = 'f'
        UNION ALL
        SELECT 'SCHEMA', quote_ident(nspname), 'pg_namespace'::regclass, oid, nspowner, oid
        FROM pg_namespace WHERE nspname <> 'public'
    ) o
    WHERE namespace::regnamespace::text = ANY(:schemas) AND pg_get_userbyid(owner) <> :role
      AND (CAST(:ours AS text[]) IS NULL OR kind = 'SCHEMA' OR name = ANY(:ours)
           OR EXISTS (SELECT FROM pg_trigger t WHERE kind = 'FUNCTION' AND t.tgfoid = o.oid
                      AND t.tgrelid::regclass::text = ANY(:ours)))
      -- Parts of an extension, and sequences of columns, follow what they are part of.
      AND NOT EXISTS (SELECT FROM pg_depend d
                      WHERE d.classid = catalog AND d.objid = o.oid AND d.deptype IN ('e', 'a', 'i'))
    ORDER BY kind, name
""")
"""What does not belong to the role yet, of our names or of all."""


class SuperuserError(ValueError):
    """A role is a superuser, to whom no grant means anything."""


def make_role(admin: Connection, role: str, password: str) -> str:
    """Have the role log in with its password; what became of it.

    Raises:
        SuperuserError: it is there, and is one.
    """
    found = admin.execute(text("SELECT rolsuper FROM pg_roles WHERE rolname = :role"), {"role": role}).scalar()
    if found:
        raise SuperuserError(role)
    driver: Any = admin.connection.driver_connection
    secret = encrypt_password(password, role, driver, "scram-sha-256")  # the server's log sees no password
    verb = "CREATE" if found is None else "ALTER"
    admin.exec_driver_sql(f"{verb} ROLE {_quoted(admin, role)} LOGIN PASSWORD '{secret}'")
    return "criado" if found is None else "já existe, senha gravada"


def make_database(admin: Engine, name: str, owner: str) -> str:
    """Have the database, owned by the role; what became of it."""
    with admin.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        asked = text("SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = :name")
        found = connection.execute(asked, {"name": name}).scalar()
        if found == owner:
            return "sem mudança"
        verb, to = ("CREATE", "OWNER") if found is None else ("ALTER", "OWNER TO")
        connection.exec_driver_sql(f"{verb} DATABASE {_quoted(connection, name)} {to} {_quoted(connection, owner)}")
    return "criado" if found is None else f"agora é de {owner}"


def hand_over(admin: Engine, owner: str, *, everything: bool) -> int:
    """Make the role the owner of our tables in this database, or of `everything` in it; how many things changed.

    Each lock lasts milliseconds, and is waited for two seconds at most; running it again goes on.
    """
    with admin.begin() as connection:
        connection.exec_driver_sql("SET LOCAL lock_timeout = '2s'")
        named = {"role": owner, "schemas": [*SCHEMAS, OPEN], "ours": None if everything else _OURS}
        foreign = connection.execute(_FOREIGN, named).all()
        for kind, name in foreign:
            connection.exec_driver_sql(f"ALTER {kind} {name} OWNER TO {_quoted(connection, owner)}")
    return len(foreign)


def close_to_others(admin: Engine, worker: str | None) -> None:
    """Let nobody but its owner into this database; the worker may connect, which is what telling its size takes."""
    with admin.begin() as connection:
        database = _quoted(connection, str(connection.execute(text("SELECT current_database()")).scalar_one()))
        connection.exec_driver_sql(f"REVOKE ALL ON DATABASE {database} FROM PUBLIC")
        if worker is not None:
            connection.exec_driver_sql(f"GRANT CONNECT ON DATABASE {database} TO {_quoted(connection, worker)}")


def _quoted(connection: Connection, name: str) -> str:
    return connection.dialect.identifier_preparer.quote_identifier(name)
