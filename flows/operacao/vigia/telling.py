"""Tells Prefect of changes: an event, on which an automation starts the domain's sync (`automation.py`)."""

import logging
from collections.abc import Sequence
from dataclasses import asdict

from prefect.events.schemas.events import Event, RelatedResource, Resource

from blocks.errors import SincroniaError
from blocks.instalacao import MARK, own
from flows.catalogo import DOMAINS, STARTS
from flows.operacao import automations
from flows.operacao.deployments import Deployment, prefect_api, read_deployment
from flows.operacao.naming import SCHEDULED
from flows.operacao.vigia.changes import Change, Domain

CHANGED = f"{MARK}.mudou"
"""The event's name."""

_TITLES = {domain.name: domain.title for domain in DOMAINS}

logger = logging.getLogger("flows.operacao.vigia")


def resource(domain: str) -> str:
    """What the events about a domain of this installation are about."""
    return f"{own(MARK)}.dominio.{domain}"


def started(domain: str) -> str:
    """The deployment that is started by a change in the domain."""
    return f"{STARTS[domain]}/{own(STARTS[domain] + SCHEDULED)}"


class Teller:
    """Sends the events; used by one thread. What cannot be told now, and why, is logged once."""

    def __init__(self) -> None:
        """Nothing was told yet."""
        self._kept: dict[str, str] = {}

    def tell(self, domain: Domain, count: int, first: Sequence[Change]) -> bool:
        """Send an event about so many changes; False if it is not the time: Prefect is away, or the sync is paused."""
        try:
            with prefect_api() as client:
                reason = _why_not(started(domain), read_deployment(client, started(domain)))
                if reason is None:
                    body = [_event(domain, count, first).model_dump(mode="json")]
                    client.request("POST", "/events", json=body)
        except SincroniaError as error:
            reason = str(error)
        if reason is None:
            logger.info("🔔 %s: %d mudança(s), %s é iniciado", _TITLES[domain], count, started(domain))
            self._kept.pop(domain, None)
            return True
        if self._kept.get(domain) != reason:
            logger.warning("⏸️ %s: mudou, e ainda não se pede a execução. %s", _TITLES[domain], reason)
            self._kept[domain] = reason
        return False


def _why_not(name: str, deployment: Deployment | None) -> str | None:
    """Why a deployment is not to be started now; None if it is."""
    if deployment is None:
        return f"Não há o deployment {name}: rode make deploy"
    if deployment.paused:
        return f"{name} está pausado: o que mudou fica para quando for retomado"
    return None


def _event(domain: Domain, count: int, first: Sequence[Change]) -> Event:
    return Event(
        event=CHANGED,
        resource=Resource.model_validate(
            {"prefect.resource.id": resource(domain), "prefect.resource.name": _TITLES[domain]}
        ),
        related=[RelatedResource.model_validate(automations.mark())],
        payload={"mudancas": count, "primeiras": [asdict(each) for each in first]},
    )
