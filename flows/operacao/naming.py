"""Which deployment an operator means by a name: pure functions."""

from collections.abc import Mapping
from difflib import get_close_matches

from blocks.errors import SincroniaError
from blocks.instalacao import own
from flows.operacao.deployments import Deployment

SCHEDULED = "-agendada"
"""What the plain names of deployments that run by themselves end with, where their flow has others besides."""


class UnknownName(SincroniaError):
    """No deployment, domain or job has this name."""


class NothingScheduled(SincroniaError):
    """What has this name has no schedule that could be paused or resumed."""


def to_run(name: str, deployments: Mapping[str, Deployment]) -> Deployment:
    """The deployment to run for a deployment's, domain's or job's name: the scheduled one, where it has several.

    Raises:
        UnknownName: the message lists the names that are near.
    """
    found = _named(name, deployments)
    return next((each for each in found if each.name.endswith(own(SCHEDULED))), found[0])


def schedules_of(name: str, deployments: Mapping[str, Deployment]) -> list[Deployment]:
    """The deployments of this name that run by themselves; none for a job that runs with its domain.

    Raises:
        UnknownName: the message lists the names that are near.
    """
    return [each for each in _named(name, deployments) if each.schedules]


def _named(name: str, deployments: Mapping[str, Deployment]) -> list[Deployment]:
    if name in deployments:
        return [deployments[name]]
    found = [each for each in deployments.values() if each.flow == name]
    if not found:
        raise UnknownName(_unknown(name, deployments))
    return found


def _unknown(name: str, deployments: Mapping[str, Deployment]) -> str:
    flows = sorted({each.flow for each in deployments.values()})
    if not flows:
        return "O Prefect não tem deployment nenhum: rode make deploy"
    near = get_close_matches(name, [*flows, *deployments], n=4)
    if near:
        return f"Não conheço {name!r}; parecidos: {', '.join(near)}"
    return f"Não conheço {name!r}; conheço: {', '.join(flows)}, e seus deployments como {next(iter(deployments))}"
