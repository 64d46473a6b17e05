"""The automations that start a domain's sync when the vigia says that something changed."""

from prefect.client.orchestration import SyncPrefectClient
from prefect.events.actions import RunDeployment
from prefect.events.schemas.automations import AutomationCore, EventTrigger, Posture

from flows.catalogo import DOMAINS, STARTS
from flows.operacao.deployments import Deployment, read_deployment
from flows.operacao.vigia.telling import CHANGED, resource, started


def declared(client: SyncPrefectClient) -> list[AutomationCore]:
    """One for each domain whose sync is deployed."""
    found = [(domain, read_deployment(client, started(domain.name))) for domain in DOMAINS if domain.name in STARTS]
    return [_on_change(domain.name, domain.title, deployment) for domain, deployment in found if deployment]


def _on_change(domain: str, title: str, deployment: Deployment) -> AutomationCore:
    return AutomationCore(
        name=f"Sincronia: mudança em {domain}",
        description=f"{title}: a vigia viu uma mudança na origem, e {deployment.name} é executado na hora. "
        "Pausar esta automação deixa só a agenda.",
        trigger=EventTrigger(
            match={"prefect.resource.id": resource(domain)},
            for_each={"prefect.resource.id"},
            expect={CHANGED},
            posture=Posture.Reactive,
        ),
        actions=[RunDeployment(source="selected", deployment_id=deployment.id)],
    )
