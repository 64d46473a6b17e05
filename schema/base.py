"""The metadata and the few column shapes that every table shares."""

from typing import Any

from sqlalchemy import BigInteger, Column, DateTime, Identity, MetaData, Numeric, String, func

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


def identity() -> Column[int]:
    """The surrogate key `id`; the key that means something is a UNIQUE constraint."""
    return Column("id", BigInteger, Identity(), primary_key=True)


def moment(name: str, *, required: bool = False, now: bool = False) -> Column[Any]:
    """A point in time, stored with time zone (aware UTC in code)."""
    return Column(name, DateTime(timezone=True), nullable=not required, server_default=func.now() if now else None)


def quantity(name: str, *, required: bool = False, zero: bool = False) -> Column[Any]:
    """A quantity: numeric(15,3), in the unit its table names."""
    return Column(name, Numeric(15, 3), nullable=not required, server_default="0" if zero else None)


def money(name: str, *, required: bool = False, places: int = 2) -> Column[Any]:
    """An amount in the company's currency."""
    return Column(name, Numeric(15, places), nullable=not required)


def audit() -> list[Column[Any]]:
    """Who wrote the row and when; `updated_at` moves only when a value really changed."""
    return [
        moment("created_at", required=True, now=True),
        moment("updated_at", required=True, now=True),
        Column("created_by", String(100), server_default=SYNC_USER),
        Column("updated_by", String(100), server_default=SYNC_USER),
    ]
