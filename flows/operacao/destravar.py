"""`python -m flows.operacao.destravar ENTIDADE`: who holds an entity's lock, and its release if nobody alive does.

After a kill the lock becomes free by itself within 90 s: its lease ends, and the automation for silent runs ends the
run. This command is for when that fails: the server lost its leases, or somebody has paused the automation.
"""

import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.actions import GlobalConcurrencyLimitUpdate
from prefect.client.schemas.objects import FlowRun
from prefect.states import Crashed
from prefect.utilities.urls import url_for

from blocks.errors import ConfigurationError, SincroniaError
from blocks.help import NOT_BEGUN, refuse
from blocks.zone import shown
from flows.operacao import parsers
from flows.operacao.deployments import prefect_api
from flows.operacao.locks import Lock, look
from flows.ready import database_of, require_ready
from flows.run.lock import lock_name
from flows.settings import Settings, load_settings

_FREED = "Encerrada por destravar: sem sinal de vida e sem a trava do banco"


def free(client: SyncPrefectClient, lock: Lock) -> Iterator[str]:
    """Free a lock that nobody alive holds; what was done, line by line."""
    if lock.slots:
        client.update_global_concurrency_limit(lock.limit, GlobalConcurrencyLimitUpdate(active_slots=0))
        yield f"Limite {lock.limit} liberado"
    if lock.holder and lock.holder.at_work:
        for run in (lock.holder.run, *_parents(client, lock.holder.run)):
            # The transition releases the slot of the run's deployment, too.
            client.set_flow_run_state(run.id, Crashed(message=_FREED))
            yield f"Execução {run.name} marcada como Crashed"


def _parents(client: SyncPrefectClient, run: FlowRun) -> Iterator[FlowRun]:
    """The domain run that this one is a part of: they share a process."""
    if run.parent_task_run_id:
        task = client.read_task_run(run.parent_task_run_id)
        if task.flow_run_id:
            yield client.read_flow_run(task.flow_run_id)


def _told(lock: Lock) -> Iterator[str]:
    if not lock.slots:
        yield f"Limite {lock.limit} do Prefect: livre"
    else:
        yield f"Limite {lock.limit} do Prefect: ocupado" + ("" if lock.holder else ", não se sabe por qual execução")
    if lock.holder:
        run = lock.holder.run
        yield f"  última execução a ocupá-lo: {run.name}, em {shown(lock.holder.since)}"
        yield f"  estado: {run.state.name if run.state else 'desconhecido'}"
        yield f"  último sinal de vida: {shown(lock.holder.seen)}"
        yield f"  {url_for(run)}"
    if lock.session:
        session = lock.session
        yield (
            f"Trava {lock_name(lock.entity)} do banco: com a sessão {session.pid} "
            f"({session.application}, {session.address}) desde {shown(session.since)}, {session.state}"
        )
    else:
        yield f"Trava {lock_name(lock.entity)} do banco: livre"


def main(arguments: Sequence[str] | None = None, prog: str = "python -m flows.operacao.destravar") -> int:
    """Show the locks of an entity and free them if nobody alive holds them.

    Returns:
        0 if they are free now, 1 if that was refused or could not be found out, 2 if that could not begin.
    """
    options = parsers.destravar(prog).parse_args(arguments)
    try:
        settings = load_settings()
        require_ready(settings)
    except SincroniaError as error:
        return refuse(error, verbose=options.verboso)
    try:
        return _destravar(options.entidade, settings)
    except SincroniaError as error:
        refuse(error, verbose=options.verboso)
        return NOT_BEGUN if isinstance(error, ConfigurationError) else 1


def _destravar(entity: str, settings: Settings) -> int:
    engine = database_of(settings)
    try:
        with prefect_api() as client:
            lock = look(client, engine, entity)
            _say(_told(lock))
            if refusal := lock.refusal(datetime.now(UTC)):
                _say([f"RECUSADO: {refusal}."])
                return 1
            done = list(free(client, lock))
            _say(done or ["Nada a liberar."])
            return 0
    finally:
        engine.dispose()


def _say(lines: Iterable[str]) -> None:
    for line in lines:
        print(line, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
