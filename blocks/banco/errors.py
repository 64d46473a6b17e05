"""The errors of the PostgreSQL side, and the translation of the driver's errors into them.

    BancoError
    ├── BancoUnavailable    no connection, connection lost, shutdown, time-out     (transient: try again)
    │   └── LockLost        the session that held the run's lock is gone           (the run ends; the next works)
    ├── BancoConflict       deadlock or serialization failure                      (transient: try again)
    ├── BancoRejected       the data does not fit: SQLSTATE classes 22 and 23      (quarantine the row)
    ├── BancoRefused        wrong user, password or database: 28 and 3D            (mend the setting)
    └── BancoFault          anything else: missing table, syntax, rights           (mend, then run again)

Errors are classified by SQLSTATE (https://www.postgresql.org/docs/current/errcodes-appendix.html), never by
message text. An error without a SQLSTATE comes from a connection that the server did not answer, or refused
(`blocks/banco/refusal.py`).
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import ClassVar

import psycopg2
import sqlalchemy.exc
from psycopg2.extensions import Diagnostics

from blocks.banco.copy import Unstorable
from blocks.errors import ConfigurationError, SincroniaError


class BancoError(SincroniaError):
    """An error of the PostgreSQL side; `sqlstate` is the server's code, None if it did not answer."""

    sqlstate: str | None

    def __init__(self, message: str, sqlstate: str | None = None) -> None:
        super().__init__(message)
        self.sqlstate = sqlstate


class BancoUnavailable(BancoError):
    """The database cannot be reached or ended the session; trying again may help."""

    transient: ClassVar[bool] = True


class LockLost(BancoUnavailable):
    """The session that held the run's lock has ended. The run must end too: trying again cannot get the lock back."""

    transient: ClassVar[bool] = False


class BancoConflict(BancoError):
    """Two transactions blocked each other and PostgreSQL rolled this one back; trying again helps."""

    transient: ClassVar[bool] = True


@dataclass(frozen=True)
class Place:
    """Where a value stands that the database refuses, as far as it is known.

    Attributes:
        table: its table.
        column: its column, or several with commas between them.
        value: the value as PostgreSQL writes it, perhaps cut.
        rule: the constraint that it breaks.
    """

    table: str | None = None
    column: str | None = None
    value: str | None = None
    rule: str | None = None

    def __str__(self) -> str:
        parts = {"tabela": self.table, "coluna": self.column, "valor": self.value, "regra": self.rule}
        return ", ".join(f"{name} {part}" for name, part in parts.items() if part is not None)


class BancoRejected(BancoError):
    """The database refuses a value; the row that holds it belongs in quarantine.

    Attributes:
        said: what the database said.
        place: where the value stands.
    """

    def __init__(self, said: str, sqlstate: str | None = None, place: Place | None = None) -> None:
        self.said, self.place = said, place or Place()
        where = f" ({self.place})" if str(self.place) else ""
        super().__init__(f"{said}{where}; o registro não cabe na tabela: corrija-o na origem", sqlstate)

    def inside(self, table: str) -> "BancoRejected":
        """The same, told of a table: the database may know only the stage, or none."""
        return BancoRejected(self.said, self.sqlstate, replace(self.place, table=table))


class BancoRefused(BancoError, ConfigurationError):
    """The database does not let us in, and will not: the user, the password or the database's name is wrong."""


class BancoFault(BancoError):
    """The database cannot carry out the statement: the schema, the rights or the statement need mending."""


_CLASSES: dict[str, type[BancoError]] = {
    "08": BancoUnavailable,  # connection exception
    "22": BancoRejected,  # data exception
    "23": BancoRejected,  # integrity constraint violation
    "53": BancoUnavailable,  # insufficient resources
    "57": BancoUnavailable,  # operator intervention: shutdown, statement time-out
    "58": BancoUnavailable,  # system error
    "40": BancoConflict,  # transaction rollback: deadlock, serialization
    "55": BancoConflict,  # object in use, lock not available
    "25": BancoUnavailable,  # idle-in-transaction time-out ends the session
    "28": BancoRefused,  # invalid authorization: user, password, pg_hba.conf
    "3D": BancoRefused,  # no such database
}

_ADVICE: dict[type[BancoError], str] = {
    BancoUnavailable: "confira se o PostgreSQL está no ar e se DATABASE_URL aponta para ele",
    BancoConflict: "nada foi gravado; a operação pode ser repetida",
    BancoFault: "confira se as migrações foram aplicadas (make deploy) e as permissões do usuário",
    BancoRefused: "tentar de novo não adianta: corrija o usuário, a senha ou o banco em DATABASE_URL",
}

_REFUSALS = {"28P01": "usuário ou senha errada", "28000": "acesso negado", "3D000": "não há esse banco"}
"""What the codes of a refusal mean: the server says it in its own language."""
_FORBIDDEN = "42501"
_GRANTS = (
    "o usuário do banco não tem esse direito: rode make deploy com DATABASE_OWNER_URL, que dá os direitos "
    "(docs/papeis.md)"
)


def refusal(sqlstate: str | None, said: str) -> BancoRefused | None:
    """The error of a connection that the server answers with this code; None if a later one may be let in."""
    if sqlstate is None or _CLASSES.get(sqlstate[:2]) is not BancoRefused:
        return None
    return BancoRefused(f"{_told(sqlstate, said)}; {_ADVICE[BancoRefused]}", sqlstate)


def _told(sqlstate: str | None, said: str) -> str:
    meant = _REFUSALS.get(sqlstate or "")
    return f"PostgreSQL {sqlstate or 'sem resposta'}{f', {meant}' if meant else ''}: {said}"


def translate(error: BaseException) -> BancoError | None:
    """The project's error for a driver's or SQLAlchemy's error; None for any other error."""
    driver = getattr(error, "orig", None) if isinstance(error, sqlalchemy.exc.DBAPIError) else error
    if isinstance(error, sqlalchemy.exc.TimeoutError):
        return BancoUnavailable("Sem conexão livre com o banco dentro do prazo: há transações demais ao mesmo tempo")
    place = Place()
    if isinstance(driver, Unstorable):
        place = Place(column=driver.column)
        driver = driver.reason
    if isinstance(driver, ValueError) and "NUL" in str(driver):
        return BancoRejected("O texto contém o caractere NUL, que o PostgreSQL não armazena", None, place)
    if isinstance(driver, UnicodeEncodeError):
        half = "O texto contém metade de um caractere (um emoji cortado), que o PostgreSQL não armazena"
        return BancoRejected(half, None, place)
    if not isinstance(driver, psycopg2.Error):
        return None
    sqlstate = driver.pgcode
    kind = BancoUnavailable if sqlstate is None else _CLASSES.get(sqlstate[:2], BancoFault)
    if sqlstate is None and not isinstance(driver, psycopg2.OperationalError | psycopg2.InterfaceError):
        kind = BancoRejected if isinstance(driver, psycopg2.DataError) else BancoFault
    diagnostics = driver.diag
    said = diagnostics.message_primary or str(driver).strip().split("\n", 1)[0] or type(driver).__name__
    answer = _told(sqlstate, said)
    if kind is BancoRejected:
        return BancoRejected(answer, sqlstate, _place(diagnostics))
    named = diagnostics.column_name or diagnostics.constraint_name
    where = f" ({named})" if named else ""
    return kind(f"{answer}{where}; {_GRANTS if sqlstate == _FORBIDDEN else _ADVICE[kind]}", sqlstate)


_COPIED = re.compile(r', column ([^:]+)(?:: "(.*)")?', re.DOTALL)
_KEY = re.compile(r"\((.*)\)=\((.*)\)", re.DOTALL)
_NOT_NULL = "23502"


def _place(given: Diagnostics) -> Place:
    """Where the value stands: COPY tells it in the error's context, a key in its detail.

    `COPY stage, line 3, column num_pedido: "…"` and `Key (num_pedido)=(V1) already exists.`
    """
    column, value = given.column_name, "vazio" if given.sqlstate == _NOT_NULL else None
    if copied := _COPIED.search(given.context or ""):
        column, value = copied.groups()
    elif key := _KEY.search(given.message_detail or ""):
        column, value = key.groups()
    return Place(given.table_name, column, value, given.constraint_name)


@contextmanager
def translated() -> Iterator[None]:
    """Within the block, raise the project's error in place of the driver's, with that as its cause."""
    try:
        yield
    except (psycopg2.Error, sqlalchemy.exc.SQLAlchemyError, ValueError) as error:
        ours = translate(error)
        if ours is None:
            raise
        raise ours from error


@contextmanager
def about(table: str) -> Iterator[None]:
    """Within the block, errors say of which table the value is that the database refuses."""
    try:
        yield
    except BancoRejected as error:
        raise error.inside(table) from error.__cause__
