"""Where things are in Prefect's UI; nothing is asked of the server, and without an address of one there is no link."""

from collections.abc import Mapping

from prefect.settings import PREFECT_UI_URL
from prefect.utilities.urls import url_for

from blocks.instalacao import own
from flows.connections import work_pool
from flows.operacao.deployments import Deployment
from flows.operacao.situacao.overview import LoggedRun, Situation

PANEL = "painel"
"""The key of the panel's artifact, without the installation's name."""


def panel_link() -> str | None:
    """The newest panel; the page is empty until a run has made one."""
    address = PREFECT_UI_URL.value()
    return f"{address}/artifacts/key/{own(PANEL)}" if address else None


def pool_link() -> str | None:
    """The work pool, with its workers."""
    return url_for("work-pool", obj_id=work_pool()) if PREFECT_UI_URL.value() else None


def run_link(run: LoggedRun | None) -> str | None:
    """A job's run, if Prefect knows it."""
    known = run.report.flow_run_id if run else None
    return url_for("flow-run", obj_id=known) if known and PREFECT_UI_URL.value() else None


def job_link(situation: Situation, deployments: Mapping[str, Deployment]) -> str | None:
    """What is to be looked at where a job does not stand well: its newest run if that failed, else its deployment."""
    newest = situation.last_run
    if newest is not None and newest.failed and (failed := run_link(newest)):
        return failed
    runs_it = deployments.get(situation.scheduled or situation.recovery)
    return url_for("deployment", obj_id=runs_it.id) if runs_it and PREFECT_UI_URL.value() else None
