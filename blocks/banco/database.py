"""Connections to PostgreSQL: engines with their pool, transactions, and the advisory lock."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, PendingRollbackError

from blocks.banco.errors import BancoError, BancoFault, BancoUnavailable, LockLost, translated
from blocks.banco.refusal import tell_refusals
from blocks.errors import ConfigurationError

if TYPE_CHECKING:  # it imports Prefect, for which the commands that say what is wrong do not wait
    from prefect_sqlalchemy import SqlAlchemyConnector

POOL_OPTIONS: dict[str, object] = {
    "pool_pre_ping": True,
    "pool_recycle": 180,  # seconds; the hosts close idle TLS sessions after about 300
    "pool_size": 8,
    "max_overflow": 4,
    "pool_timeout": 30,
}


def connect_args(statement_timeout: float) -> dict[str, object]:
    """The libpq settings of every connection. `statement_timeout` is in seconds."""
    return {
        "connect_timeout": 30,
        "keepalives": 1,
        "keepalives_idle": 30,
        "keepalives_interval": 10,
        "keepalives_count": 5,
        "application_name": "sincronia",
        "client_encoding": "utf8",  # what COPY sends, whatever the database is kept in
        "options": (
            f"-c statement_timeout={int(statement_timeout * 1000)}"
            " -c idle_in_transaction_session_timeout=120000 -c timezone=UTC"
            # By default a role's own schema comes first: of one named sincronia, what it makes would go into ours.
            " -c search_path=public"
            # The server's side: without them it would keep the session, and the lock, of a machine that lost power or
            # network for two hours (Linux's default).
            " -c tcp_keepalives_idle=30 -c tcp_keepalives_interval=10 -c tcp_keepalives_count=3"
            # In memory or on an SSD any page costs what the next one does. With PostgreSQL's own value, which is for
            # disks that turn, each batch of two hundred documents scanned tables of a hundred thousand rows.
            " -c random_page_cost=1.1"
            " -c work_mem=64MB"  # so that a large stage is joined in one piece; small ones take no more than they need
            " -c max_parallel_workers_per_gather=0"  # a run leaves the server's other cores to those who work with it
            " -c jit=off"  # statements take milliseconds, and compiling one that the planner overrates takes longer
        ),
    }


def open_engine(url: str, *, statement_timeout: float = 60.0) -> Engine:
    """An engine on `url` with this project's pool and connection settings (`POOL_OPTIONS`, `connect_args`).

    Raises:
        ConfigurationError: `url` is not the address of a PostgreSQL database.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:  # ValueError: the port is no number
        raise ConfigurationError(
            "DATABASE_URL não é um endereço de banco; use postgresql+psycopg2://usuario:senha@servidor:5432/banco"
        ) from error
    if parsed.get_backend_name() not in ("postgresql", "postgres"):
        raise ConfigurationError(f"DATABASE_URL é de {parsed.get_backend_name()!r}; só PostgreSQL é aceito")
    parsed = parsed.set(drivername="postgresql+psycopg2")
    engine = create_engine(parsed, connect_args=connect_args(statement_timeout), **POOL_OPTIONS)
    tell_refusals(engine)
    return engine


@contextmanager
def transaction(engine: Engine) -> Iterator[Connection]:
    """One transaction: committed at the end, rolled back on an error.

    Raises:
        BancoError: in place of the driver's errors; see `blocks.banco.errors`.
    """
    failure: BancoError | None = None
    try:
        with translated(), engine.begin() as connection:
            try:
                yield connection
            except BancoError as error:
                failure = error
                raise
    except BancoError as error:
        # In a dead session the rollback fails as well; the first error says why the session died.
        raise failure or error from (failure or error).__cause__


def be_impatient(engine: Engine, seconds: float) -> None:
    """Have the engine give up a connection that is not made within so many seconds (whole ones)."""

    @event.listens_for(engine, "do_connect")
    def impatiently(_dialect: Any, _record: Any, _arguments: Any, parameters: dict[str, Any]) -> None:
        parameters |= {"connect_timeout": int(seconds), "tcp_user_timeout": int(seconds * 1000)}


def require_answer(engine: Engine, seconds: float = 5.0) -> None:
    """Make sure that the database lets us in; the engine is not of use for anything else afterwards.

    Raises:
        BancoError: it does not, or does not within so many seconds.
    """
    be_impatient(engine, seconds)
    try:
        with transaction(engine) as connection:
            connection.execute(text("SELECT 1"))
    finally:
        engine.dispose()


class AdvisoryLock:
    """A PostgreSQL advisory lock, held by a session of its own.

    It ends with that session, so it cannot outlive the run that holds it. It protects the data if a run's Prefect lease
    ends while the run is alive.
    """

    def __init__(self, engine: Engine, name: str) -> None:
        self.name = name
        self._engine = engine
        self._connection: Connection | None = None

    def acquire(self) -> bool:
        """Take the lock if it is free. False: another session holds it."""
        with translated():
            connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            taken = connection.execute(
                text("SELECT pg_try_advisory_lock(hashtextextended(:name, 0))"), {"name": self.name}
            )
            if taken.scalar_one():
                self._connection = connection
                return True
            connection.close()
            return False

    def check(self) -> None:
        """Make sure that the session that holds the lock is alive.

        Raises:
            LockLost: the session was lost, and the lock with it.
            BancoFault: the lock was never taken.
        """
        if self._connection is None:
            raise BancoFault(f"A trava {self.name} não está com esta execução")
        try:
            with translated():
                self._connection.execute(text("SELECT 1"))
        except (BancoUnavailable, PendingRollbackError) as error:  # the latter from the second time on
            raise LockLost(
                f"A sessão que guarda a trava {self.name} caiu; nada mais será gravado por esta execução"
            ) from error

    def release(self) -> None:
        """Give the lock back and close its session; also if that session is dead already."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(BancoError, PendingRollbackError), translated():
                # The server notices only a moment later that a session was closed, and a run may start at once.
                connection.execute(text("SELECT pg_advisory_unlock_all()"))
            connection.invalidate()
            connection.close()


def connector_engine(connector: "SqlAlchemyConnector", *, statement_timeout: float = 60.0) -> Engine:
    """The engine of a prefect-sqlalchemy block, with the same pool and connection settings.

    Call it before anything else uses the connector: only the arguments of its first `get_engine` count.
    """
    connector.connect_args = connect_args(statement_timeout) | (connector.connect_args or {})
    engine: Engine = connector.get_engine(**POOL_OPTIONS)
    tell_refusals(engine)
    return engine
