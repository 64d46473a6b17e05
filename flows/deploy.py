"""`make deploy`: database, blocks, limits, work pool and deployments from the settings.

Running it again changes nothing: each thing is made once and afterwards only brought to the settings' values.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml
from prefect.client.orchestration import get_client
from prefect.settings import PREFECT_API_URL

from blocks.banco import transaction, translated
from blocks.errors import ConfigurationError, SincroniaError
from blocks.help import refuse
from blocks.prefect_server import host
from flows.catalogo import JOBS
from flows.connections import banco, banco_of_owner, require_same_database, work_pool
from flows.operacao import alerts, automations, parsers
from flows.operacao.deployments import lease_storage, prefect_api
from flows.operacao.own_schedules import keep_own
from flows.operacao.papeis import give
from flows.operacao.pool import apply_pool
from flows.operacao.prefect_blocks import save_blocks
from flows.operacao.protection import require_protected
from flows.operacao.renamed import Pauses, read_pauses, remove_old
from flows.operacao.situacao.overview import read_overview
from flows.operacao.syncs_now import run_now
from flows.operacao.takeover import refuse_others
from flows.operacao.timetable import ROOT, declared, name_of, with_interval, write_timetable
from flows.operacao.unchanged import changed, complete, stamped
from flows.operacao.verdicts import judge_server, judge_ways
from flows.operacao.vigia.automation import declared as on_change
from flows.ready import require_ready
from flows.run.lock import create_limits
from flows.settings import Settings, load_settings
from schema import migrate

OLD_CODE = (
    "o banco está na migração {}, e este código só vai até a {}: uma versão mais nova o migrou. Atualize o código, ou "
    "restaure a cópia de antes dela (docs/atualizacao.md)"
)


def deploy(settings: Settings, *, take_over: bool = False) -> None:
    """Make or update everything that the flows need to run, telling each step.

    Args:
        settings: those of the environment.
        take_over: also blocks that point to another database, Odoo or Tiny than the settings.

    Raises:
        OtherInstallation: there are such blocks, and `take_over` was not asked for; nothing was changed.
        SincroniaError: a setting is missing, the database refuses, or Prefect's API is open to anyone.
        subprocess.CalledProcessError: `prefect deploy` refused; it said why.
    """
    with prefect_api() as client:
        require_protected()
        found = judge_server(client.api_version(), host(PREFECT_API_URL.value()), lease_storage(client))
    _say(f"{found.name}: {found.told}")
    if not take_over:
        refuse_others(settings)
    _say(f"banco: {migrate_database(settings)}")
    for block, outcome in save_blocks(settings):
        _say(f"bloco {block}: {outcome}")
    addresses = {name: getattr(settings, name.lower()) for name in ("ODOO_URL", "TINY_URL", "TINY_ACCOUNTS_URL")}
    for each in judge_ways("endereço", {name: url for name, url in addresses.items() if url}):
        _say(each.line)
    create_limits(job.name for job in JOBS)
    _say(f"limites: {', '.join(job.name for job in JOBS)}")
    _say(f"work pool {work_pool()}: {apply_pool()}")
    for name, outcome in automations.apply([automations.ZOMBIE, automations.STILLBORN]):
        _say(f"automação {name}: {outcome}")
    with get_client(sync_client=True) as client:
        for line in keep_own(client, map(name_of, declared()["deployments"])):
            _say(line)
    _say(f"deployments: {', '.join(map(name_of, declared()['deployments']))}; {_apply_deployments(settings)}")
    with get_client(sync_client=True) as client:
        starters = on_change(client)
    for name, outcome in automations.apply(starters):
        _say(f"automação {name}: {outcome}")
    for line in set_up_alerts(settings):
        _say(line)
    with get_client(sync_client=True) as client:
        for line in remove_old(client):
            _say(line)


def _apply_deployments(settings: Settings) -> str:
    """Have Prefect make what it does not have yet, or has otherwise; how many that were.

    Raises:
        subprocess.CalledProcessError: `prefect deploy` refused; it said why.
    """
    rendered = yaml.safe_load(rendered_deployments(settings, current_pauses()))
    with get_client(sync_client=True) as client:
        rendered["deployments"] = changed(client, rendered["deployments"])
    if not rendered["deployments"]:
        return "sem mudança"
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "prefect.yaml")
        file.write_text(yaml.safe_dump(rendered, allow_unicode=True), encoding="utf-8")
        subprocess.run(
            [sys.executable, "-m", "prefect", "--no-prompt", "deploy", "--all", "--prefect-file", os.fspath(file)],
            cwd=ROOT,
            env={**os.environ, **template_variables(settings)},
            check=True,
            stdout=subprocess.PIPE,  # a screenful for each deployment: of interest only where it fails
            stderr=subprocess.STDOUT,
            text=True,
        )
    with get_client(sync_client=True) as client:
        for deployment in rendered["deployments"]:
            complete(client, deployment)
    return f"criados ou atualizados: {len(rendered['deployments'])}"


def set_up_alerts(settings: Settings) -> Iterator[str]:
    """Make or update the Slack automations about what the timetable names, telling each; the flows are deployed."""
    engine = banco(settings)
    try:
        with transaction(engine) as connection:
            jobs = read_overview(connection).situations
    finally:
        engine.dispose()
    return alerts.set_up(jobs)


def migrate_database(settings: Settings) -> str:
    """Apply the migrations that are missing, write the timetable, and give the worker's role its rights.

    Raises:
        ConfigurationError: the owner's address is of another database than the worker's, or newer code has migrated it.
    """
    worker, owner = banco(settings), banco_of_owner(settings)
    told = "migrações aplicadas, agenda gravada"
    try:
        if worker.url != owner.url:
            require_same_database(worker, owner)
        with translated():
            with owner.connect() as connection:
                at = migrate.standing(connection)
            if not at.known:
                raise ConfigurationError(OLD_CODE.format(at.stored, at.newest))
            migrate.upgrade(owner)
        write_timetable(owner, with_interval(settings)["deployments"])
        if worker.url.username != owner.url.username:
            told += f", direitos de {worker.url.username}: {give(owner, str(worker.url.username))}"
    finally:
        worker.dispose()
        owner.dispose()
    return told


def rendered_deployments(settings: Settings, pauses: Pauses | None = None) -> str:
    """prefect.yaml with what Prefect takes from no variable: the settings' interval, and what stays paused."""
    rendered, pauses = with_interval(settings), pauses or Pauses()
    variables = template_variables(settings)
    rendered["deployments"] = [stamped(each, variables, rendered["pull"]) for each in rendered["deployments"]]
    for deployment in rendered["deployments"]:
        if name_of(deployment) in pauses.deployments:
            deployment["paused"] = True
        for schedule in deployment["schedules"]:
            if schedule["slug"] in pauses.schedules:
                schedule["active"] = False
    return yaml.safe_dump(rendered, allow_unicode=True)


def current_pauses() -> Pauses:
    """What an operator has paused of the declared deployments."""
    with get_client(sync_client=True) as client:
        return read_pauses(client, map(name_of, declared()["deployments"]))


def template_variables(settings: Settings) -> dict[str, str]:
    """What prefect.yaml's `{{ $NAME }}` stand for: every setting but the secrets, and this checkout's folder."""
    named = {name.upper(): _text(value) for name, value in settings.parameters().items() if value is not None}
    return {
        **named,
        "SINCRONIA_DIR": os.fspath(ROOT),
    }


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _say(line: str) -> None:
    print(f"» {line}", flush=True)  # noqa: T201


def main(arguments: Sequence[str] | None = None, prog: str = "python -m flows.deploy") -> int:
    """Deploy from the environment's settings; 0 when all is in place, 2 if it could not begin."""
    options = parsers.deploy(prog).parse_args(arguments)
    try:
        settings = load_settings()
        require_ready(settings, database=False)
    except SincroniaError as error:
        return refuse(error, verbose=options.verboso)
    try:
        deploy(settings, take_over=options.assumir)
        if options.executar_agora:
            for name, outcome in run_now():
                _say(f"agora {name}: {outcome}")
    except SincroniaError as error:
        print(f"make deploy: {error}", file=sys.stderr)  # noqa: T201
        return 1
    except subprocess.CalledProcessError as error:
        print(error.stdout, file=sys.stderr)  # noqa: T201
        return error.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main())
