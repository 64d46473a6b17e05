"""The page on personal data: its statements leave nothing of a person in the database, and touch nobody else's rows."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Table, text

from blocks.banco import transaction
from flows.dominios import vendas
from schema.base import metadata
from tests.flows.conftest import House

PAGE = (Path(__file__).parents[3] / "docs" / "dados-pessoais.md").read_text(encoding="utf-8")
PERSON, NAME = "11144477735", "Fulana de Prova"
TELLING = re.compile(
    r"cnpj|cpf|^rg$|telefone|celular|email|raz_social|nome_(cliente|fornecedor)|rua_|bairro|observ|^obs_"
)
"""Names of columns that may hold a person's data."""


def statements() -> Iterator[str]:
    for block in re.findall(r"^ *```sql\n(.*?)^ *```$", PAGE, re.MULTILINE | re.DOTALL):
        told = block.replace("00000000191", PERSON).replace("Fulana de Tal", NAME)
        yield from (one.strip() for one in told.split(";") if one.strip())


def text_columns(connection: Connection) -> list[tuple[str, str]]:
    found = connection.execute(
        text(
            "SELECT c.oid::regclass::text, quote_ident(a.attname) FROM pg_attribute a "
            "JOIN pg_class c ON c.oid = a.attrelid AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped "
            "WHERE c.relnamespace::regnamespace::text IN ('public', 'tiny') "
            "AND a.atttypid::regtype::text IN ('text', 'character varying', 'json', 'jsonb')"
        )
    )
    return [(table, column) for table, column in found]


def where_told(connection: Connection) -> set[str]:
    """The columns in which the person's number or name stands somewhere."""
    told = set()
    for table, column in text_columns(connection):
        found = connection.execute(
            text(
                f"SELECT count(*) FROM {table} WHERE regexp_replace({column}::text, '[./-]', '', 'g') LIKE :person "
                f"OR {column}::text LIKE :name"
            ),
            {"person": f"%{PERSON}%", "name": f"%{NAME}%"},
        ).scalar_one()
        if found:
            told.add(f"{table}.{column}")
    return told


VALUES: dict[str, Any] = {
    **dict.fromkeys(("cnpj_cpf", "cnpj_cliente", "cnpj_fornecedor", "cpf_cnpj", "cnpj_endereco_ent"), "111.444.777-35"),
    **dict.fromkeys(("raz_social", "raz_social_red", "nome_cliente", "nome_fornecedor", "nome", "fantasia"), NAME),
    **dict.fromkeys(
        ("observacoes", "observacoes_servico", "observacoes_internas", "observ_ped_1"), f"Falar com {NAME}"
    ),
    "alteracoes": {"cnpj_fornecedor": ["111.444.777-35", None], "raz_social": [NAME, None]},
    "dados_api": {"id": 7, "contato": {"nome": NAME, "cpfCnpj": "111.444.777-35"}, "observacoes": NAME},
    "payload": {"partner": NAME, "l10n_br_cnpj_cpf": "111.444.777-35"},
    "erro": f"o CPF 111.444.777-35 de {NAME} não confere",
    "id_contato": 30_007,
}


FILLERS: dict[type, Any] = {
    **{str: "x", int: 30_007, bool: True, Decimal: 7, float: 7.0, dict: {}, list: []},
    **{datetime: datetime(2026, 11, 1, tzinfo=UTC), date: date(2026, 11, 1)},
}


OF_NOBODY = ("formas_pagamento", "renovacoes", "historico_requisicao_compras")
"""Tables whose columns are called like those with a customer's or supplier's data, and hold none."""
CHECKED = {"import_failures": {"status": "pendente"}, "ordens_servico": {"situacao": 3}}
"""What a check of the table asks for."""


def planted(connection: Connection, table: Table) -> None:
    """One row of the table about the person, with whatever else the table asks for."""
    row: dict[str, Any] = {}
    for column in table.columns:
        length = getattr(column.type, "length", None)
        value = VALUES.get(column.name)
        if value is not None:
            row[column.name] = value[:length] if isinstance(value, str) else value
        elif column.name == "id" and not column.identity:
            row[column.name] = 30_007
        elif not column.nullable and column.server_default is None and column.identity is None:
            row[column.name] = FILLERS[column.type.python_type]
    row |= CHECKED.get(table.name, {})
    connection.execute(table.insert().values(row))


@pytest.mark.prefect
def test_the_statements_leave_nothing_of_a_person_and_touch_nobody_else(house: House) -> None:
    house.completed(vendas)
    with transaction(house.engine) as connection:
        connection.execute(text("SET session_replication_role = replica"))  # without the parents that a row refers to
        for table in metadata.sorted_tables:
            if table.name not in OF_NOBODY and set(VALUES) & {column.name for column in table.columns}:
                planted(connection, table)
        connection.execute(text("SET session_replication_role = DEFAULT"))
        before = where_told(connection)
        others = "SELECT count(*), count(cnpj_cpf), count(raz_social), count(observ_ped_1) FROM carteira_linha"
        [counted] = connection.execute(text(others)).all()
    assert len(before) > 25
    with transaction(house.engine) as connection:
        for statement in statements():
            connection.exec_driver_sql(statement.replace("%", "%%"))
        assert where_told(connection) == set()
        [left] = connection.execute(text(others)).all()
    assert [was - now for was, now in zip(counted, left, strict=True)] == [0, 1, 1, 1]


@pytest.mark.prefect
def test_results_for_a_retry_hold_no_customer(house: House) -> None:
    house.completed(vendas)
    [(customer, name), *_] = house.rows("SELECT cnpj_cpf, raz_social FROM carteira_linha WHERE cnpj_cpf > '' LIMIT 1")
    files = [path for path in (house.server.home / "storage").rglob("*") if path.is_file()]
    assert files
    for path in files:
        held = path.read_text(encoding="utf-8")
        assert customer not in held, path
        assert name not in held, path


def test_every_column_that_may_hold_a_persons_data_is_emptied_or_told() -> None:
    told = set(re.findall(r"\b[a-z0-9_]+\b", PAGE))
    missing = [
        f"{table.fullname}.{column.name}"
        for table in metadata.sorted_tables
        for column in table.columns
        if TELLING.search(column.name)
        and column.name not in ("cnpj_valido", "prefixo_cnpj")
        and not {table.name, column.name} <= told
    ]
    assert not missing, missing
