"""Odoo and the database as people use them, and a narrator who says what they do."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from pydantic import SecretStr
from sqlalchemy import Engine, text

from blocks.odoo import OdooClient
from demo.odoo import OdooProcess
from demo.processes import DemoError

Record = dict[str, Any]
Condition = tuple[str, str, Any]


@dataclass(frozen=True)
class Scene:
    """Where the story plays."""

    odoo: OdooProcess
    engine: Engine
    say: Callable[[str], None]
    _client: OdooClient

    def first(self, model: str, domain: list[Condition], *fields: str) -> Record:
        """The first record that fits.

        Raises:
            DemoError: the company lacks the case.
        """
        for record in self.all(model, domain, *fields):
            return record
        raise DemoError(f"The simulated company has no {model} with {_brief(domain)}")

    def all(self, model: str, domain: list[Condition], *fields: str) -> Iterator[Record]:
        """The records that fit, by id."""
        for page in self._client.pages(model, domain, [*fields]):
            yield from page

    def has(self, model: str, field: str) -> bool:
        """Whether the server has a field."""
        return field in self._client.fields(model)

    def called(self, model: str, *names: str) -> str:
        """The first of these names that the server has, or the last: versions call fields otherwise."""
        return next((name for name in names if self.has(model, name)), names[-1])

    def do(self, model: str, method: str, record: int, *arguments: Any) -> Any:
        """What a person does to a record."""
        return self._client.call(model, method, [record], *arguments)

    def create(self, model: str, values: Record) -> int:
        """A new record."""
        created: int = self._client.call(model, "create", values)
        return created

    def values(self, query: str, **parameters: Any) -> list[Any]:
        """The first column of what a query gives."""
        with self.engine.connect() as connection:
            return list(connection.execute(text(query), parameters).scalars())

    def type(self, statement: str, **parameters: Any) -> None:
        """What a person changes in the database."""
        with self.engine.begin() as connection:
            connection.execute(text(statement), parameters)


@contextmanager
def scene(odoo: OdooProcess, engine: Engine, say: Callable[[str], None]) -> Iterator[Scene]:
    """A connection as a person has it: a click whose answer is lost is not repeated."""
    client = OdooClient(url=odoo.url, db=odoo.db, username=odoo.username, secret=SecretStr(odoo.password), attempts=1)
    with client:
        yield Scene(odoo, engine, say, client)


def _brief(domain: list[Condition]) -> str:
    """A domain without its long lists of ids."""
    brief = ((name, operator, _brief_value(value)) for name, operator, value in domain)
    return ", ".join(f"{name} {operator} {value}" for name, operator, value in brief)


def _brief_value(value: Any) -> str:
    return f"({len(value)} ids)" if isinstance(value, list) and len(value) > 8 else repr(value)
