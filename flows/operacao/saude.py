"""`python -m flows.operacao.saude`: checks the whole system, one line per check; 0 if none failed, else 1.

The checks run side by side and end within ten seconds, the program's start included. They write nothing.
"""

import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextvars import copy_context
from datetime import UTC, datetime
from threading import Thread

from prefect.exceptions import ObjectNotFound
from prefect.settings import PREFECT_API_URL

from blocks.banco import transaction
from blocks.errors import NotOffered, SincroniaError
from blocks.prefect_server import host, translated
from flows.connections import odoo_server, tiny_account, work_pool
from flows.operacao import parsers
from flows.operacao.deployments import (
    impatient,
    known_deployments,
    lease_storage,
    prefect_api,
    require_answers,
)
from flows.operacao.links import job_link, pool_link
from flows.operacao.protection import open_to_anyone
from flows.operacao.reading import current_overview, engine_of
from flows.operacao.situacao.judge import judge_with
from flows.operacao.verdicts import (
    Grade,
    Verdict,
    judge_job,
    judge_migrations,
    judge_rights,
    judge_server,
    judge_tokens,
    judge_vigia,
    judge_ways,
    judge_workers,
)
from flows.operacao.vigia.pulse import read_beat
from flows.settings import load_settings
from schema import grants, migrate

CALL_SECONDS = 3.0
"""How long one call to Prefect, Odoo or PostgreSQL may take."""
LIMIT_SECONDS = 7.0
"""How long a check may take; a worker's Python needs the rest of ten seconds to start."""


def _prefect() -> Iterator[Verdict]:
    with prefect_api() as client:
        where = host(PREFECT_API_URL.value())
        verdict = judge_server(client.api_version(), where, lease_storage(client), exposed=open_to_anyone())
        require_answers(client)
        yield verdict


def _worker() -> Iterator[Verdict]:
    with prefect_api() as client:
        try:
            pool = client.read_work_pool(work_pool())
        except ObjectNotFound:
            yield Verdict("worker", Grade.FAILURE, f"não há o work pool {work_pool()} no Prefect: rode make deploy")
            return
        workers = client.read_workers_for_work_pool(work_pool())
        verdict = judge_workers(workers, pool_paused=pool.is_paused, now=datetime.now(UTC))
        yield verdict.with_link(pool_link())


def _banco() -> Iterator[Verdict]:
    with engine_of(load_settings(), seconds=CALL_SECONDS) as engine, transaction(engine) as connection:
        where = f"{engine.url.database} em {engine.url.host}"
        standing = migrate.standing(connection)
        lacking = grants.missing(connection) if standing.stored == standing.newest else []
        yield judge_rights(str(engine.url.username), lacking) if lacking else judge_migrations(where, standing)


def _odoo() -> Iterator[Verdict]:
    with translated():
        server = odoo_server(load_settings())
    version = server.check(CALL_SECONDS)
    yield Verdict("odoo", Grade.OK, f"versão {version} em {host(server.url)}, banco {server.db}")
    yield from judge_ways("odoo", {"ODOO_URL": server.url})


def _tiny() -> Iterator[Verdict]:
    settings = load_settings()
    try:
        with translated():
            account = tiny_account(settings)
    except NotOffered:
        yield Verdict("tiny", Grade.OK, "não configurado")
        return
    with engine_of(settings, seconds=CALL_SECONDS) as engine:
        yield judge_tokens(*account.tokens(engine).status(), datetime.now(UTC))
    yield from judge_ways("tiny", {"TINY_URL": account.url, "TINY_ACCOUNTS_URL": account.accounts_url})


def _vigia() -> Iterator[Verdict]:
    with prefect_api() as client:
        yield judge_vigia(read_beat(client), datetime.now(UTC))


def _atualidade() -> Iterator[Verdict]:
    seen = current_overview(CALL_SECONDS)
    if not seen.situations:
        yield Verdict("atualidade", Grade.FAILURE, "a agenda (sync_agenda) está vazia: rode make deploy")
    deployments = known_deployments()  # the check `prefect` says so if it does not answer
    for situation in seen.situations:
        verdict = judge_job(situation, judge_with(situation, deployments, seen.now), seen.now)
        yield verdict.with_link(job_link(situation, deployments))


CHECKS: Mapping[str, Callable[[], Iterator[Verdict]]] = {
    "prefect": _prefect,
    "worker": _worker,
    "banco": _banco,
    "odoo": _odoo,
    "tiny": _tiny,
    "vigia": _vigia,
    "atualidade": _atualidade,
}


def examine(names: Sequence[str] = tuple(CHECKS), limit: float = LIMIT_SECONDS) -> list[Verdict]:
    """The verdicts of these checks, in this order; what has none after `limit` seconds has failed."""
    return list(examined(names, limit))


def examined(names: Sequence[str], limit: float = LIMIT_SECONDS) -> Iterator[Verdict]:
    """As `examine`, each verdict as soon as it is known and those before it have been told."""
    found: dict[str, list[Verdict]] = {}

    def work(name: str) -> None:
        found[name] = _judged(name)

    with impatient(CALL_SECONDS):
        # Daemons: a thread that hangs in a connection must not keep the process.
        threads = {name: Thread(target=copy_context().run, args=(work, name), daemon=True) for name in names}
        until = time.monotonic() + limit
        for thread in threads.values():
            thread.start()
        silence = f"sem resposta em {limit:g} s: confira a rede e se o servidor está no ar"
        for name, thread in threads.items():
            thread.join(max(0.0, until - time.monotonic()))
            yield from found.get(name) or [Verdict(name, Grade.FAILURE, silence)]


def _judged(name: str) -> list[Verdict]:
    try:
        return list(CHECKS[name]())
    except SincroniaError as error:
        return [Verdict(name, Grade.FAILURE, str(error))]
    except Exception as error:  # its message is not ours and might hold a secret
        return [Verdict(name, Grade.FAILURE, f"erro inesperado do tipo {type(error).__name__}: avise quem mantém")]


def main(arguments: Sequence[str] | None = None, prog: str = "python -m flows.operacao.saude") -> int:
    """Examine and print; 0 if nothing failed, 1 otherwise."""
    options = parsers.saude(prog).parse_args(arguments)
    verdicts = []
    for each in examined(options.so or tuple(CHECKS)):
        verdicts.append(each)
        if not options.json:
            print(each.line, flush=True)  # noqa: T201
    if options.json:
        print(json.dumps([each.as_dict() for each in verdicts], ensure_ascii=False, indent=2))  # noqa: T201
    return int(any(each.grade is Grade.FAILURE for each in verdicts))


if __name__ == "__main__":
    sys.exit(main())
