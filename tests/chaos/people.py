"""What people type into columns of theirs, which nothing of ours ever writes."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from random import Random
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Boolean, Column, Date, DateTime, Integer, Numeric, Time

from demo.odoo.models import write
from schema import metadata
from tests.chaos.schedule import PRODUCTION, PURCHASES, SALES
from tests.chaos.world import World

if TYPE_CHECKING:
    from tests.chaos.odoo_world import OdooWorld

TABLES: Final = {
    SALES: ("carteira_principal", "relatorio_faturamento_importado"),
    PURCHASES: ("requisicao_compras", "pedido_compras", "requisicao_compra_alocacao"),
    PRODUCTION: ("carteira_principal", "ordem_producao"),
}


def columns(table: str) -> list[Column[Any]]:
    """The columns that are people's."""
    found = metadata.tables[table].c
    return [each for each in found if each.info.get("owner") == "pessoas" and not each.foreign_keys]


def type_something(world: World, domain: str, dice: Random) -> str:
    """A person types into one cell, or into one column of all rows."""
    table = dice.choice(TABLES[domain])
    column = dice.choice(columns(table))
    ids = [number for (number,) in world.fetch(f"SELECT id FROM {table} ORDER BY id")]
    if not ids:
        return f"ninguém digita nada: {table} está vazia"
    chosen = ids if dice.random() < 0.2 else [dice.choice(ids)]
    value = _value(column, dice)
    rows = world.fetch(
        f"UPDATE {table} SET {column.name} = :value WHERE id = ANY(:ids) RETURNING id", value=value, ids=chosen
    )
    for (number,) in rows:
        world.typed[table, number, column.name] = value
    return f"{table}.{column.name} = {value!r} em {len(rows)} linhas"


def _value(column: Column[Any], dice: Random) -> Any:
    number = dice.randint(1, 28)
    made = (
        (Boolean, dice.random() < 0.5),
        (Numeric, number),
        (Integer, number),
        (DateTime, datetime(2026, 1, number, tzinfo=UTC)),
        (Date, date(2026, 1, number)),
        (Time, time(number % 24)),
    )
    return next((value for kind, value in made if isinstance(column.type, kind)), f"p{number}")


def give_codes_back(world: "OdooWorld") -> Iterator[str]:
    """In Odoo, products whose code was taken away get the one that they had."""
    for number, code in world.coded().items():
        if code is None and (had := world.codes[number]):
            world.act(
                lambda env, number=number, had=had: write(env.record("product.product", number), default_code=had)
            )
            yield f"produto {number} de novo com o código {had}"


def register_codes(world: "OdooWorld") -> Iterator[str]:
    """Products with another code than before are registered as purchased, as those that have theirs are."""
    for number, code in world.coded().items():
        if code and code != world.codes[number]:
            columns = "cod_produto, nome_produto, palletizacao, peso_bruto, produto_comprado"
            world.do(
                f"INSERT INTO cadastro_palletizacao ({columns}) VALUES ('{code}', 'x', 1, 1, true)"
                " ON CONFLICT (cod_produto) DO UPDATE SET produto_comprado = true"
            )
            yield f"uma pessoa cadastra o código {code}"


def touched(world: World) -> Iterator[str]:
    """What became another value, and rows that are gone with what was typed into them."""
    for table in {table for table, _, _ in world.typed}:
        names = [column.name for column in columns(table)]
        rows = {
            number: dict(zip(names, rest, strict=True))
            for number, *rest in world.fetch(f"SELECT id, {', '.join(names)} FROM {table}")
        }
        for (where, number, name), value in world.typed.items():
            if where == table and number not in rows:
                yield f"{table} {number}: a linha sumiu, com {name}={value!r} que uma pessoa digitou"
            elif where == table and rows[number][name] != value:
                yield f"{table} {number}: {name} é {rows[number][name]!r}, e uma pessoa digitou {value!r}"
