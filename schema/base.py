"""The metadata, the few column shapes that every table shares, and whose a column is.

A column is the sync's that fills the table, unless it is marked as somebody else's: then that sync never writes it
(`Target.of` in `blocks/banco` leaves it out). Marks stand in a column's `info` under `owner`; no database knows them.

Every table and column has a comment, in Portuguese for those who read the data: the database shows it, and
docs/dicionario.md. A column's ends with whose its values are: [origem] the source's, [cálculo] worked out here,
[pessoas] of people or their programs, [registro] what the row keeps about itself.
"""

from typing import Any

from sqlalchemy import BigInteger, Column, DateTime, Identity, Index, MetaData, Numeric, String, Table, func, text
from sqlalchemy.schema import SchemaItem

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

SYNC_USER = "odoo_sync"
"""The value of `created_by` in rows that a sync wrote; the operators' SQL looks for it (docs/operacao.md)."""

WRITTEN = "Quando a linha foi gravada aqui pela primeira vez (instante, UTC) [registro]"
CHANGED = "Quando um valor da linha mudou aqui pela última vez (instante, UTC) [registro]"
"""Comments of the two moments that most tables keep of their rows."""


def owned(owner: str, *columns: Column[Any]) -> list[Column[Any]]:
    """Columns marked as another one's: of a job by its name, or of one of the three below."""
    for column in columns:
        column.info["owner"] = owner
    return list(columns)


def people(*columns: Column[Any]) -> list[Column[Any]]:
    """What people enter, or programs other than ours: nothing of ours writes it once it is there."""
    return owned("pessoas", *columns)


def computed(*columns: Column[Any]) -> list[Column[Any]]:
    """What is worked out here from other rows, by statements of its own."""
    return owned("cálculo", *columns)


def bookkeeping(*columns: Column[Any]) -> list[Column[Any]]:
    """What a row keeps about itself: its id, when it was written and by whom."""
    return owned("registro", *columns)


def identity() -> Column[int]:
    """The surrogate key `id`; the key that means something is a UNIQUE constraint."""
    comment = "Número da linha nesta tabela; nada significa fora dela [registro]"
    [column] = bookkeeping(Column("id", BigInteger, Identity(), primary_key=True, comment=comment))
    return column


def table(name: str, *parts: SchemaItem, comment: str, **options: Any) -> Table:
    """A table of `metadata` with the surrogate key `id`."""
    return Table(name, metadata, identity(), *parts, comment=comment, **options)


def only_one(name: str, *columns: str, where: str) -> Index:
    """A unique index on `columns` among the rows that meet the condition `where`."""
    return Index(name, *columns, unique=True, postgresql_where=text(where))


def texts(**columns: tuple[int, str]) -> list[Column[Any]]:
    """Descriptive texts that may be missing, by name: the longest size and the comment."""
    return [Column(name, String(size), comment=comment) for name, (size, comment) in columns.items()]


def moment(name: str, *, comment: str, required: bool = False, now: bool = False) -> Column[Any]:
    """A point in time, stored with time zone (aware UTC in code)."""
    default = func.now() if now else None
    return Column(name, DateTime(timezone=True), nullable=not required, server_default=default, comment=comment)


def quantity(name: str, *, comment: str, required: bool = False, zero: bool = False) -> Column[Any]:
    """A quantity: numeric(15,3), in the unit its comment names."""
    default = "0" if zero else None
    return Column(name, Numeric(15, 3), nullable=not required, server_default=default, comment=comment)


def money(name: str, *, comment: str, required: bool = False, places: int = 2, digits: int = 15) -> Column[Any]:
    """An amount in the company's currency, unless its comment says otherwise."""
    return Column(name, Numeric(digits, places), nullable=not required, comment=comment)


def audit() -> list[Column[Any]]:
    """Who wrote the row and when; `updated_at` moves only when a value really changed."""
    return bookkeeping(
        moment("created_at", required=True, now=True, comment=WRITTEN),
        moment("updated_at", required=True, now=True, comment=CHANGED),
        Column(
            "created_by",
            String(100),
            server_default=SYNC_USER,
            comment="Quem gravou a linha; odoo_sync é o Sincronia [registro]",
        ),
        Column(
            "updated_by",
            String(100),
            server_default=SYNC_USER,
            comment="Quem mudou a linha por último; odoo_sync é o Sincronia [registro]",
        ),
    )
