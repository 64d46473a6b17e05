"""What may be written of a table, and how a row of it is recognised."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from psycopg2 import sql
from sqlalchemy import PrimaryKeyConstraint, Table, UniqueConstraint


@dataclass(frozen=True)
class Target:
    """What an upsert may write, and how it recognises a row. `Target.of` makes it from a table.

    Attributes:
        table: the table's name, with its schema if that is not public: `tiny.contatos`.
        key: its UNIQUE columns.
        columns: every column that the source owns, key included. No other column is ever written.
        version: the owned column with the source's write date, written along with a change as those of `along` are.
        along: further owned columns that are written along with a change, and are none by themselves.
        suggestions: owned columns that a person may overrule, each with the owned column that says what was suggested
            last. They are not compared, and are written only while the row has the suggestion.
        stamps: columns set on each row written, by SQL expression (`{"updated_at": "now()"}`).
        owner: the owned column that says which document a row belongs to: a row is never taken from
            the document that holds it, unless that one has let it go.
        released: column and value by which a row shows that its document has let it go.
    """

    table: str
    key: tuple[str, ...]
    columns: tuple[str, ...]
    version: str | None = None
    along: tuple[str, ...] = ()
    suggestions: Mapping[str, str] = field(default_factory=dict)
    stamps: Mapping[str, str] = field(default_factory=dict)
    owner: str | None = None
    released: tuple[str, Any] | None = None

    @classmethod
    def of(
        cls,
        table: Table,
        *,
        key: tuple[str, ...] = (),
        version: str | None = None,
        along: tuple[str, ...] = (),
        suggestions: Mapping[str, str] | None = None,
        stamps: Mapping[str, str] | None = None,
        owner: str | None = None,
        released: tuple[str, Any] | None = None,
    ) -> "Target":
        """The target of all columns of a table but those marked as somebody else's: with `owner` in their `info`.

        `key` is needed only where not exactly one UNIQUE constraint or primary key is made of such columns alone.

        Raises:
            ValueError: the key is needed.
        """
        columns = tuple(column.name for column in table.columns if "owner" not in column.info)
        return cls(
            table.fullname,
            key or _only_key(table, columns),
            columns,
            version,
            along,
            suggestions or {},
            stamps or {},
            owner,
            released,
        )

    @property
    def compared(self) -> tuple[str, ...]:
        """The columns whose difference makes a row a changed one."""
        apart = {*self.key, self.version, *self.along, *self.suggestions}
        return tuple(name for name in self.columns if name not in apart)

    def let_go(self, row: Mapping[str, Any]) -> bool:
        """Whether the row's own document has let it go."""
        return self.released is not None and row[self.released[0]] == self.released[1]


def table_of(target: Target) -> sql.Identifier:
    """The table as statements name it."""
    return sql.Identifier(*target.table.split("."))


def _only_key(table: Table, columns: Sequence[str]) -> tuple[str, ...]:
    unique = [each for each in table.constraints if isinstance(each, UniqueConstraint | PrimaryKeyConstraint)]
    keys = [names for each in unique if set(names := tuple(each.columns.keys())) <= set(columns)]
    if len(keys) != 1:
        raise ValueError(f"{table.fullname}: say which key; of its own columns are {keys}")
    return keys[0]
