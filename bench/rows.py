"""The rows of the write path: 25 columns as the sales tables have them, always the same for a number of rows."""

import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

Row = dict[str, Any]

KEY: Final = "id"


@dataclass(frozen=True)
class Column:
    """A column: its SQL type, and whether it may be NULL."""

    name: str
    kind: str
    nullable: bool = False


COLUMNS: Final = tuple(
    Column(name, kind.removesuffix(" NULL"), nullable=kind.endswith(" NULL"))
    for name, kind in (
        line.split(maxsplit=1)
        for line in """
            id bigint
            empresa integer
            pedido_id bigint
            num_pedido text
            cod_produto text
            nome_produto text
            unidade text
            categoria text NULL
            cnpj_cpf text
            raz_social text
            municipio text
            estado text
            vendedor text NULL
            equipe text NULL
            condicao text
            observacao text NULL
            etiquetas text NULL
            quantidade numeric(15,3)
            cancelada numeric(15,3)
            preco numeric(15,2)
            pedido_em date
            entrega_em date NULL
            ativo boolean
            importante boolean
            escrita timestamp with time zone
        """.strip().splitlines()
    )
)

_LINES_PER_ORDER: Final = 10
_FIRST_DAY: Final = date(2026, 1, 5)
_CITIES: Final = (("São Paulo", "SP"), ("Goiânia", "GO"), ("Belém", "PA"), ("Três Corações", "MG"), ("Erechim", "RS"))
_NOTES: Final = (None, None, "Entregar pela manhã\nportão 2", "Palete PBR\tsem retorno", "Rede: \\\\docas\\norte")


def generate(count: int, seed: int = 1) -> list[Row]:
    """`count` rows with the keys 1 to `count`."""
    chance = random.Random(seed)
    return [_row(number, chance) for number in range(1, count + 1)]


def changed(rows: list[Row]) -> list[Row]:
    """The same rows, but every tenth has another quantity and a newer write date."""
    return [
        row if row[KEY] % 10 else row | {"quantidade": row["quantidade"] + 1, "escrita": row["escrita"] + timedelta(1)}
        for row in rows
    ]


def _row(number: int, chance: random.Random) -> Row:
    order, customer, product = number // _LINES_PER_ORDER, chance.randrange(2000), chance.randrange(500)
    city, state = _CITIES[customer % len(_CITIES)]
    ordered = _FIRST_DAY + timedelta(days=order % 300)
    return {
        KEY: number,
        "empresa": 1 + order % 3,
        "pedido_id": order,
        "num_pedido": f"VSC{order:06d}",
        "cod_produto": f"4{product:06d}",
        "nome_produto": f"AZEITONA VERDE FATIADA {product} - BD 6X2 KG",
        "unidade": "CX",
        "categoria": None if product % 7 == 0 else f"Conservas / Azeitonas {product % 12}",
        "cnpj_cpf": f"{customer:08d}000191",
        "raz_social": f"DISTRIBUIDORA DE ALIMENTOS {customer} LTDA",
        "municipio": city,
        "estado": state,
        "vendedor": None if customer % 20 == 0 else f"Vendedor {customer % 25}",
        "equipe": None if customer % 20 == 0 else f"Equipe {customer % 5}",
        "condicao": "28/35/42 dias",
        "observacao": _NOTES[order % len(_NOTES)],
        "etiquetas": '[{"name": "VIP", "color": 3}]' if order % 8 == 0 else None,
        "quantidade": Decimal(chance.randrange(1, 400_000)) / 1000,
        "cancelada": Decimal(0),
        "preco": Decimal(chance.randrange(100, 90_000)) / 100,
        "pedido_em": ordered,
        "entrega_em": None if order % 6 == 0 else ordered + timedelta(days=12),
        "ativo": order % 40 != 0,
        "importante": customer % 50 == 0,
        "escrita": datetime(2026, 11, 1, 8, tzinfo=UTC) + timedelta(seconds=order),
    }
