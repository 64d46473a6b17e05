"""`python -m flows.operacao.papeis`: makes the three roles of PostgreSQL and their databases; docs/papeis.md.

Running it again changes nothing but the passwords, which become those of the addresses.
"""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from pydantic import SecretStr
from sqlalchemy import URL, Engine, make_url
from sqlalchemy.exc import ArgumentError

from blocks.banco import open_engine, transaction, translated
from blocks.errors import ConfigurationError, SincroniaError
from blocks.help import refuse
from flows.operacao import parsers
from flows.settings import Settings, load_settings
from schema import grants, migrate, roles

PREFECT_ADDRESS = "PREFECT_SERVER_DATABASE_CONNECTION_URL"


@dataclass(frozen=True)
class Data:
    """The addresses of the data's database: of its owner and of the workers."""

    owner: URL
    worker: URL


@dataclass(frozen=True)
class Addresses:
    """By which address each connects; `data` and `prefect` are None where the administrator's server is not theirs."""

    admin: URL
    data: Data | None
    prefect: URL | None


def addresses(settings: Settings, prefect_url: str | None) -> Addresses:
    """The addresses of the settings.

    Raises:
        ConfigurationError: one is missing, or they do not fit together.
    """
    admin = _parsed("DATABASE_ADMIN_URL", settings.database_admin_url)
    owner = _parsed("DATABASE_OWNER_URL", settings.database_owner_url)
    worker = _parsed("DATABASE_URL", settings.database_url)
    if (_server(owner), owner.database) != (_server(worker), worker.database):
        there, here = (f"{url.database} em {_server(url)}" for url in (owner, worker))
        raise ConfigurationError(f"DATABASE_OWNER_URL é de outro banco ({there}) que DATABASE_URL ({here})")
    prefect = None
    if prefect_url and prefect_url.startswith("postgresql"):
        prefect = _parsed(PREFECT_ADDRESS, SecretStr(prefect_url))
        prefect = prefect if _server(prefect) == _server(admin) else None
    data = Data(owner, worker) if _server(owner) == _server(admin) else None
    names = [url.username for url in (owner, worker, prefect) if url is not None]
    if len(set(names)) < len(names):
        raise ConfigurationError(f"cada papel precisa de um usuário seu, e são {', '.join(map(str, names))}")
    return Addresses(admin, data, prefect)


def arrange(given: Addresses) -> Iterator[str]:
    """Make what is missing, telling each step.

    Raises:
        SincroniaError: PostgreSQL refuses, or a role is a superuser.
    """
    with translated():
        try:
            yield from _arranged(given)
        except roles.SuperuserError as error:
            raise ConfigurationError(f"{error} é superusuário: escolha outro nome para o papel") from error


def _arranged(given: Addresses) -> Iterator[str]:
    if given.data is not None:
        yield from _with_database(given.admin, given.data.owner, given.data.worker, everything=False)
        worker = str(given.data.worker.username)
        with _opened(given.admin.set(database=given.data.owner.database)) as engine:
            with transaction(engine) as connection:
                standing = migrate.standing(connection)
            behind = standing.stored != standing.newest
            told = "make deploy os dá, depois das migrações" if behind else give(engine, worker)
            yield f"direitos de {worker}: {told}"
    if given.prefect is not None:
        yield from _with_database(given.admin, given.prefect, everything=True)
        with _opened(given.admin.set(database=given.prefect.database)) as engine:
            roles.close_to_others(engine, None if given.data is None else str(given.data.worker.username))
        yield f"banco {given.prefect.database}: fechado aos outros"


def _with_database(admin: URL, owner: URL, *others: URL, everything: bool) -> Iterator[str]:
    """Make these roles and the database of the first, which then owns it, with our tables or `everything` in it."""
    with _opened(admin) as engine:
        for url in (owner, *others):
            if url.username != admin.username:
                with transaction(engine) as connection:
                    yield f"papel {url.username}: {roles.make_role(connection, str(url.username), str(url.password))}"
        yield f"banco {owner.database}: {roles.make_database(engine, str(owner.database), str(owner.username))}"
    with _opened(admin.set(database=owner.database)) as engine:
        passed = roles.hand_over(engine, str(owner.username), everything=everything)
        yield f"dono {owner.username}: {f'{passed} objetos passados a ele' if passed else 'já tem tudo'}"


def give(engine: Engine, role: str) -> str:
    """Bring the role's rights to the declared ones; what changed, in words."""
    with transaction(engine) as connection:
        given, taken = grants.apply(connection, role)
    return f"{given} dados, {taken} retirados" if given or taken else "sem mudança"


@contextmanager
def _opened(url: URL) -> Iterator[Engine]:
    engine = open_engine(url.render_as_string(hide_password=False))
    try:
        yield engine
    finally:
        engine.dispose()


def _parsed(name: str, value: SecretStr | None) -> URL:
    """The address of a setting.

    Raises:
        ConfigurationError: it is missing, is none, or names no user, password and database.
    """
    if value is None:
        raise ConfigurationError(f"falta {name}")
    try:
        url = make_url(value.get_secret_value())
    except (ArgumentError, ValueError):
        url = None
    if url is None or not (url.username and url.password and url.database):
        raise ConfigurationError(f"{name} não é um endereço com usuário, senha e banco")
    return url


def _server(url: URL) -> str:
    return f"{url.host}:{url.port or 5432}"


def main(arguments: Sequence[str] | None = None, prog: str = "python -m flows.operacao.papeis") -> int:
    """Make the roles; 0 when all is in place, 2 if an address is missing or wrong."""
    parsers.papeis(prog).parse_args(arguments)
    try:
        given = addresses(load_settings(), os.environ.get(PREFECT_ADDRESS))
    except SincroniaError as error:
        return refuse(error)
    try:
        for line in arrange(given):
            print(f"» {line}", flush=True)  # noqa: T201
    except SincroniaError as error:
        print(f"papeis: {error}", file=sys.stderr)  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
