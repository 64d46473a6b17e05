"""`python -m flows.operacao.quarentena`: what is in quarantine, and what a person decides about it.

Only the database is asked; with DATABASE_URL set, Prefect is not even imported.
"""

import json
import sys
from argparse import Namespace
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from sqlalchemy import Connection

from blocks.banco import fetch, load, transaction
from blocks.errors import SincroniaError
from blocks.help import refuse
from blocks.zone import BUSINESS_ZONE
from flows.operacao import parsers
from flows.operacao.situacao.words import clock, counted
from flows.ready import database_of, require_ready
from flows.settings import load_settings

STATEMENTS = load("flows.operacao", "quarentena.sql")
WIDTH = 140
"""Columns of the table where no terminal tells its own."""
LONGEST_REASON = 160
TRIED_BY = {"tiny_os": "tiny-falhas"}
"""The job that tries an entity's records again, where that is not the entity's own."""
_NONE = "–"


class NotInQuarantine(SincroniaError):
    """What a person names is not in quarantine, or no longer."""


def main(arguments: Sequence[str] | None = None, prog: str = "python -m flows.operacao.quarentena") -> int:
    """Carry out one command; 0 if it succeeded, 2 with the reason on stderr if it could not begin."""
    options = parsers.quarentena(prog).parse_args(arguments)
    commands = {"listar": _list, "mostrar": _show, "tentar": _try_again, "desistir": _give_up}
    try:
        settings = load_settings()
        require_ready(settings, prefect=False)
        engine = database_of(settings)
        try:
            with transaction(engine) as connection:
                commands[options.command](connection, options)
        finally:
            engine.dispose()
    except SincroniaError as error:
        return refuse(error, verbose=options.verboso)
    return 0


def _list(connection: Connection, options: Namespace) -> None:
    if options.entidade:
        _require_entity(connection, options.entidade)
    asked = {"entidade": options.entidade, "esgotados": options.esgotados, "limite": max(options.limite, 1)}
    rows = fetch(connection, STATEMENTS["listar"], **asked)
    if options.json:
        names = ("id", "entidade", "documento", "status", "tentativas", "proxima_tentativa", "espera", "erro")
        found = [dict(zip(names, map(_plain, row), strict=False)) for row in rows]
        _say(json.dumps(found, ensure_ascii=False, indent=2))
        return
    if not rows:
        _say("Nada em quarentena." if not options.esgotados else "Nada em quarentena espera uma pessoa.")
        return
    console = Console(highlight=False, markup=False)
    if not console.is_terminal:
        console.width = WIDTH
    console.print(_table(rows, datetime.now(UTC)))
    if rows[0][-1] > len(rows):
        console.print(f" mostrados {len(rows)} de {rows[0][-1]}: --limite mostra mais, --entidade só os de uma")


def _table(rows: Sequence[tuple[Any, ...]], now: datetime) -> Table:
    table = Table(box=SIMPLE_HEAD, title=counted(rows[0][-1], "registro em quarentena", "registros em quarentena"))
    table.add_column("id", justify="right", no_wrap=True)
    for name in ("entidade", "documento", "status"):
        table.add_column(name, no_wrap=True)
    table.add_column("tentativas", justify="right", no_wrap=True)
    table.add_column("próxima", no_wrap=True)
    table.add_column("erro")
    for key, entity, document, status, attempts, following, waits_for, reason, _, _ in rows:
        cut = reason if len(reason) <= LONGEST_REASON else f"{reason[:LONGEST_REASON]}…"
        due = clock(following, now) if following else _NONE
        told = f"{cut} (espera {waits_for})" if waits_for else cut
        table.add_row(str(key), entity, document, status, str(attempts), due, told)
    return table


def _show(connection: Connection, options: Namespace) -> None:
    rows = fetch(connection, STATEMENTS["mostrar"], id=options.id)
    if not rows:
        raise _not_there([options.id])
    names = (
        *("id", "entidade", "documento", "documento_id", "registro_id", "status", "tentativas", "criado_em"),
        *("atualizado_em", "proxima_tentativa", "espera", "resolvido_em", "erro", "payload"),
    )
    for name, value in zip(names, rows[0], strict=True):
        if name == "payload":
            _say("lido da origem:")
            _say(json.dumps(value, ensure_ascii=False, indent=2) if value else "  nada (resolvido, ou além do prazo)")
        elif isinstance(value, datetime):
            _say(f"{name}: {value.astimezone(BUSINESS_ZONE):%d/%m/%Y %H:%M:%S}")
        elif value is not None:
            _say(f"{name}: {value}")


def _try_again(connection: Connection, options: Namespace) -> None:
    if bool(options.ids) == bool(options.entidade):
        raise NotInQuarantine("Informe os ids de listar, ou --entidade, que são todos os de uma entidade")
    if options.entidade:
        _require_entity(connection, options.entidade)
    _require_open(connection, options.ids)
    done = fetch(connection, STATEMENTS["tentar"], ids=options.ids, entidade=options.entidade)
    _tell_each(done, "será tentado na próxima execução")
    for entity in sorted({entity for _, entity, _ in done}):
        _say(f"Para não esperar por ela: sincronia executar {TRIED_BY.get(entity, entity)}")


def _give_up(connection: Connection, options: Namespace) -> None:
    _require_open(connection, options.ids)
    done = fetch(connection, STATEMENTS["desistir"], ids=options.ids, motivo=options.motivo)
    _tell_each(done, "não será mais tentado; volta à quarentena se o documento mudar e ainda não couber")


def _require_entity(connection: Connection, entity: str) -> None:
    found = [name for (name,) in fetch(connection, STATEMENTS["entidades"])]
    if entity not in found:
        raise NotInQuarantine(f"{entity} não tem nada em quarentena; têm: {', '.join(found) or 'nenhuma'}")


def _require_open(connection: Connection, ids: Sequence[int]) -> None:
    """Make sure that all of them are in quarantine, before any is touched.

    Raises:
        NotInQuarantine: one is not.
    """
    found = dict(fetch(connection, STATEMENTS["quais"], ids=ids))
    if missing := [each for each in ids if each not in found]:
        raise _not_there(missing)
    if over := [each for each in ids if found[each] == "resolvido"]:
        raise NotInQuarantine(f"Já resolvido: {_listed(over)}; nada foi mudado")


def _not_there(ids: Sequence[int]) -> NotInQuarantine:
    return NotInQuarantine(f"Não há na quarentena o id {_listed(ids)}; os ids são os da primeira coluna de listar")


def _tell_each(done: Sequence[tuple[Any, ...]], told: str) -> None:
    for key, entity, document in done:
        _say(f"{key} {entity} {document}: {told}")


def _listed(ids: Iterable[int]) -> str:
    return ", ".join(map(str, ids))


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _say(line: str) -> None:
    print(line)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
