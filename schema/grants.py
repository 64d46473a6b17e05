"""What the worker's role may do in the database: the one list, and how a database is brought to it.

The role owns nothing. A table that a migration adds has to be named here; `make deploy` gives the right to it after the
migrations. The list for people: docs/papeis.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from sqlalchemy import Connection, text

SCHEMAS = ("public", "tiny")
"""Where the tables are."""

TABLES: Mapping[str, str] = MappingProxyType(
    {
        "alembic_version": "SELECT",
        "cadastro_palletizacao": "SELECT, INSERT, UPDATE",
        "carteira_linha": "SELECT, INSERT, UPDATE",
        "carteira_principal": "SELECT, INSERT, UPDATE, DELETE",
        "faturamento_linha": "SELECT, INSERT, UPDATE",
        "faturamento_produtos": "SELECT, INSERT, UPDATE, DELETE",
        "grupo_empresarial": "SELECT",
        "historico_pedido_compras": "SELECT, INSERT",
        "historico_pedidos": "SELECT, INSERT, UPDATE, DELETE",
        "historico_requisicao_compras": "SELECT, INSERT",
        "import_failures": "SELECT, INSERT, UPDATE, DELETE",
        "lead_time_fornecedor": "SELECT, INSERT, UPDATE",
        "lista_materiais": "SELECT",
        "log_integracao": "SELECT, INSERT, UPDATE, DELETE",
        "log_integracao_dia": "SELECT, INSERT, UPDATE",
        "movimentacao_estoque": "SELECT, INSERT, UPDATE",
        "ordem_producao": "SELECT, INSERT, UPDATE",
        "pedido_compras": "SELECT, INSERT, UPDATE",
        "pre_separacao_item": "SELECT",
        "previsao_demanda": "SELECT, UPDATE",
        "relatorio_faturamento_importado": "SELECT, INSERT, UPDATE, DELETE",
        "requisicao_compra_alocacao": "SELECT, INSERT, UPDATE",
        "requisicao_compras": "SELECT, INSERT, UPDATE",
        "separacao": "SELECT, UPDATE",
        "sync_agenda": "SELECT",
        "sync_documento": "SELECT, INSERT, UPDATE",
        "sync_metadata": "SELECT, INSERT, UPDATE",
        "tiny.categorias_os": "SELECT, INSERT, UPDATE",
        "tiny.contatos": "SELECT, INSERT, UPDATE",
        "tiny.cotas": "SELECT, INSERT, UPDATE, DELETE",
        "tiny.credenciais": "SELECT, INSERT, UPDATE",
        "tiny.enderecos": "SELECT, INSERT, UPDATE",
        "tiny.formas_pagamento": "SELECT, INSERT, UPDATE",
        "tiny.limites": "SELECT, INSERT, UPDATE",
        "tiny.marcadores": "SELECT, INSERT, UPDATE",
        "tiny.ordem_servico_marcadores": "SELECT, INSERT, DELETE",
        "tiny.ordem_status_history": "SELECT, INSERT",
        "tiny.ordens_servico": "SELECT, INSERT, UPDATE",
        "tiny.renovacoes": "SELECT, INSERT, UPDATE, DELETE",
    }
)
SEQUENCES: Mapping[str, str] = MappingProxyType(
    {
        "carteira_principal_id_seq": "USAGE",
        "faturamento_produtos_id_seq": "USAGE",
        "ordem_producao_numero": "SELECT, UPDATE",
        "sync_leitura": "USAGE",
    }
)
VIEWS = ("pedido", "tiny.conclusoes", "tiny.import_failures", "sincronia.frescor")
"""Made for people: the worker is given none."""

OPEN = "sincronia"
"""The schema of what everybody may read who may connect: the view `sincronia.frescor`."""


@dataclass(frozen=True, order=True)
class Grant:
    """A right: `kind` is DATABASE, SCHEMA, TABLE or SEQUENCE; `name` has its schema unless that is `public`."""

    kind: str
    name: str
    privilege: str


def declared(database: str) -> set[Grant]:
    """All that the worker's role is given in the database of this name."""
    rights = {Grant("DATABASE", database, each) for each in ("CONNECT", "TEMPORARY")}
    rights |= {Grant("SCHEMA", each, "USAGE") for each in SCHEMAS}
    for kind, named in (("TABLE", TABLES), ("SEQUENCE", SEQUENCES)):
        rights |= {Grant(kind, name, each) for name, listed in named.items() for each in listed.split(", ")}
    return rights


_GRANTED = text("""
    SELECT o.kind, o.name, a.privilege_type
    FROM (
        SELECT 'DATABASE' AS kind, datname::text AS name, datacl AS acl FROM pg_database
        WHERE datname = current_database()
        UNION ALL
        SELECT 'SCHEMA', nspname::text, nspacl FROM pg_namespace WHERE nspname = ANY(:schemas)
        UNION ALL
        SELECT CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END,
               CASE nspname WHEN 'public' THEN '' ELSE nspname || '.' END || c.relname, c.relacl
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = ANY(:schemas) AND c.relkind IN ('r', 'p', 'v', 'm', 'S')
    ) o
    CROSS JOIN LATERAL aclexplode(o.acl) a
    JOIN pg_roles r ON r.oid = a.grantee
    WHERE r.rolname = :role
""")
"""What a role was given by its name, not what everybody has."""

_MISSING = text("""
    SELECT kind, name, privilege
    FROM unnest(CAST(:kinds AS text[]), CAST(:names AS text[]), CAST(:privileges AS text[])) AS g(kind, name, privilege)
    WHERE NOT coalesce(
        CASE kind WHEN 'DATABASE' THEN has_database_privilege(name, privilege)
                  WHEN 'SCHEMA' THEN has_schema_privilege(to_regnamespace(name), privilege)
                  WHEN 'SEQUENCE' THEN has_sequence_privilege(to_regclass(name), privilege)
                  ELSE has_table_privilege(to_regclass(name), privilege) END, false)
""")


def granted(connection: Connection, role: str) -> set[Grant]:
    """What the role was given in this database and its schemas, by its own name."""
    return {Grant(*row) for row in connection.execute(_GRANTED, {"role": role, "schemas": list(SCHEMAS)})}


def missing(connection: Connection) -> list[Grant]:
    """What the role of this connection lacks of what a worker needs; an owner lacks nothing."""
    rights = sorted(declared(_database(connection)))
    lists = {
        "kinds": [each.kind for each in rights],
        "names": [each.name for each in rights],
        "privileges": [each.privilege for each in rights],
    }
    return sorted(Grant(*row) for row in connection.execute(_MISSING, lists))


def apply(connection: Connection, role: str) -> tuple[int, int]:
    """Give the role what it lacks, and take what it should not have of our tables: how many rights of each.

    What it was given on tables that are not ours stays.
    """
    wanted, has = declared(_database(connection)), granted(connection, role)
    ours = {(each.kind, each.name) for each in wanted} | {("TABLE", name) for name in VIEWS}
    given, taken = wanted - has, {each for each in has - wanted if (each.kind, each.name) in ours}
    quote = connection.dialect.identifier_preparer.quote
    for verb, rights, whom in (("GRANT", given, "TO"), ("REVOKE", taken, "FROM")):
        for right in sorted(rights):
            on = right.name if right.kind in ("TABLE", "SEQUENCE") else quote(right.name)
            connection.exec_driver_sql(f"{verb} {right.privilege} ON {right.kind} {on} {whom} {quote(role)}")
    return len(given), len(taken)


def _database(connection: Connection) -> str:
    return str(connection.execute(text("SELECT current_database()")).scalar_one())
