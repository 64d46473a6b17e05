"""The artifact `painel`: shown after each domain run, its history of a few days kept."""

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
from flows.operacao.situacao.overview import read_overview
from flows.settings import load_settings

KEPT = 300
"""Versions that stay: three days of two domains every half hour, some 30 kB each in Prefect's database."""
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
        finally:
            engine.dispose()
        deployments = known_deployments()
        markdown, description = panel(overview, deployments), headline(overview, deployments)
        create_markdown_artifact(key=own(PANEL), markdown=markdown, description=description)
        forget_older(KEPT)
    except Exception as error:
        get_run_logger().warning("⚠️ O artefato %s não foi gravado no Prefect: %s", PANEL, error, exc_info=True)


def forget_older(kept: int) -> None:
    """Delete versions of the panel beyond the newest `kept`, a few at a time."""
    with get_client(sync_client=True) as client:
        old = client.read_artifacts(
            artifact_filter=ArtifactFilter(key=ArtifactFilterKey(any_=[own(PANEL)])),
            sort=ArtifactSort.CREATED_DESC,
            limit=SWEPT,
            offset=kept,
        )
        for version in old:
            client.delete_artifact(version.id)
