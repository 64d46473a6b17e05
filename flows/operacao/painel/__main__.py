"""`python -m flows.operacao.painel`: where the panel is in the UI, and of when it is."""

import sys
from collections.abc import Sequence
from datetime import UTC, datetime

from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterKey
from prefect.client.schemas.sorting import ArtifactSort

from blocks.errors import SincroniaError
from blocks.help import refuse
from blocks.instalacao import own
from blocks.prefect_server import require_server
from flows.operacao import parsers
from flows.operacao.deployments import impatient, prefect_api
from flows.operacao.links import PANEL, panel_link
from flows.operacao.situacao.words import ago, clock

CALL_SECONDS = 10.0
"""How long Prefect may take to answer."""


def main(arguments: Sequence[str] | None = None, prog: str = "python -m flows.operacao.painel") -> int:
    """Print it; 0 if there is a panel, 1 if no run has made one yet, 2 if that could not be asked."""
    options = parsers.painel(prog).parse_args(arguments)
    try:
        key = own(PANEL)
        require_server()
        with impatient(CALL_SECONDS), prefect_api() as client:
            asked = ArtifactFilter(key=ArtifactFilterKey(any_=[key]))
            found = client.read_artifacts(artifact_filter=asked, sort=ArtifactSort.CREATED_DESC, limit=1)
    except SincroniaError as error:
        return refuse(error, verbose=options.verboso)
    if not found or found[0].created is None:
        print("O painel ainda não existe: cada execução de vendas e de compras o faz", file=sys.stderr)  # noqa: T201
        return 1
    now = datetime.now(UTC)
    print(panel_link())  # noqa: T201
    print(f"De {clock(found[0].created, now)}, {ago(found[0].created, now)}; refeito por vendas e compras")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
