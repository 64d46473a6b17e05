"""The artifact `painel`: shown after each domain run, its history of a few days kept."""

from collections.abc import Mapping
from datetime import datetime

from prefect.artifacts import create_markdown_artifact
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterKey
from prefect.client.schemas.sorting import ArtifactSort
from prefect.logging import get_run_logger

from blocks.banco import transaction
from blocks.instalacao import own
from flows.connections import banco
from flows.operacao.deployments import known_deployments
from flows.operacao.links import PANEL
from flows.operacao.painel.panel import headline, panel
from flows.operacao.painel.standing import read_standing
from flows.operacao.painel.today import PREFIX, Today, read_today
from flows.operacao.painel.today import headline as changed_headline
from flows.operacao.painel.today import markdown as changed_today
from flows.operacao.situacao.overview import read_overview
from flows.settings import load_settings

KEPT = 300
"""Versions that stay: three days of two domains every half hour, some 30 kB each in Prefect's database."""
DOMAINS = ("vendas", "compras", "manufatura", "tiny")
"""The domains that have documents."""
KEPT_TODAY = 20
"""Versions that stay of what changed today."""
SWEPT = 20
"""Older versions that one run deletes at most."""


def publish_panel() -> None:
    """Show the panel in the UI.

    Whatever goes wrong here is logged and not raised: it must neither fail the run nor hide the run's own error.
    """
    try:
        engine = banco(load_settings())
        try:
            with transaction(engine) as connection:
                overview = read_overview(connection)
                standing = read_standing(connection)
                today = read_today(connection, overview.now, list(dict.fromkeys(e.group for e in overview.situations)))
        finally:
            engine.dispose()
        deployments = known_deployments()
        markdown, description = panel(overview, deployments, standing), headline(overview, deployments)
        create_markdown_artifact(key=own(PANEL), markdown=markdown, description=description)
        forget_older(PANEL, KEPT)
        _publish_today(today, overview.now)
    except Exception as error:
        get_run_logger().warning("⚠️ O artefato %s não foi gravado no Prefect: %s", PANEL, error, exc_info=True)


def _publish_today(today: Mapping[str, Today], now: datetime) -> None:
    """Show what changed today, by domain; of the domains that have documents, or had any today."""
    for domain, found in today.items():
        if domain in DOMAINS:
            key = f"{PREFIX}{domain}"
            text = changed_today(domain, found, now)
            create_markdown_artifact(key=own(key), markdown=text, description=changed_headline(domain, found))
            forget_older(key, KEPT_TODAY)


def forget_older(key: str, kept: int) -> None:
    """Delete versions of an artifact beyond the newest `kept`, a few at a time."""
    with get_client(sync_client=True) as client:
        old = client.read_artifacts(
            artifact_filter=ArtifactFilter(key=ArtifactFilterKey(any_=[own(key)])),
            sort=ArtifactSort.CREATED_DESC,
            limit=SWEPT,
            offset=kept,
        )
        for version in old:
            client.delete_artifact(version.id)
