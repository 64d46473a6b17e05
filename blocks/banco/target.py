"""What may be written of a table, and how a row of it is recognised."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

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
        initial: columns set on each row inserted, by SQL expression.
    """

    table: str
    key: tuple[str, ...]
    columns: tuple[str, ...]
    version: str | None = None
    along: tuple[str, ...] = ()
    suggestions: Mapping[str, str] = field(default_factory=dict)
    stamps: Mapping[str, str] = field(default_factory=dict)
    initial: Mapping[str, str] = field(default_factory=dict)

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
        initial: Mapping[str, str] | None = None,
    ) -> "Target":
        """The target of all columns of a table but those marked as somebody else's: with `owner` in their `info`.

        `key` is needed only where not exactly one UNIQUE constraint or primary key is made of such columns alone; it
        may be the `id` that a row keeps about itself, where the one who writes the row chooses it.

        Raises:
            ValueError: the key is needed.
        """
        columns = tuple(each.name for each in table.columns if "owner" not in each.info or each.name in key)
        return cls(
            table.fullname,
            key or _only_key(table, columns),
            columns,
            version,
            along,
            suggestions or {},
            stamps or {},
            initial or {},
        )

    @property
    def compared(self) -> tuple[str, ...]:
        """The columns whose difference makes a row a changed one."""
        apart = {*self.key, self.version, *self.along, *self.suggestions}
        return tuple(name for name in self.columns if name not in apart)


def table_of(target: Target) -> sql.Identifier:
    """The table as statements name it."""
    return sql.Identifier(*target.table.split("."))


def _only_key(table: Table, columns: Sequence[str]) -> tuple[str, ...]:
    unique = [each for each in table.constraints if isinstance(each, UniqueConstraint | PrimaryKeyConstraint)]
    keys = [names for each in unique if set(names := tuple(each.columns.keys())) <= set(columns)]
    if len(keys) != 1:
        raise ValueError(f"{table.fullname}: say which key; of its own columns are {keys}")
    return keys[0]
