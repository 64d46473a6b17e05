"""Views for people: what makes them, and what they and their columns mean, in Portuguese as the comments of tables."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import DDL, MetaData, Table, event


@dataclass(frozen=True)
class View:
    """A view.

    Attributes:
        name: with its schema unless that is `public`.
        create: the statements that make it.
        comment: what a row of it is.
        columns: what its columns mean, in their order.
    """

    name: str
    create: str
    comment: str
    columns: Mapping[str, str]

    def statements(self) -> Iterator[str]:
        """What makes the view with its comments."""
        yield self.create
        yield f"COMMENT ON VIEW {self.name} IS {_quoted(self.comment)}"
        for column, meaning in self.columns.items():
            yield f"COMMENT ON COLUMN {self.name}.{column} IS {_quoted(meaning)}"

    def follow(self, made: Table | MetaData) -> "View":
        """Have the view made after a table, or after all tables; the view itself."""
        for statement in self.statements():
            event.listen(made, "after_create", DDL(statement.replace("%", "%%")))  # type: ignore[no-untyped-call]
        return self


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
