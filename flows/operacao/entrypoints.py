"""The flows that prefect.yaml deploys; what one needs is imported when it is asked for."""

from importlib import import_module

from flows.operacao.timetable import declared, name_of
from flows.run.orchestration import JobFlow


def flow_at(entrypoint: str) -> JobFlow[...]:
    """The flow at an entrypoint such as `flows/dominios.py:vendas`."""
    path, _, name = entrypoint.partition(":")
    flow = getattr(import_module(path.removesuffix(".py").replace("/", ".")), name)
    assert isinstance(flow, JobFlow)
    return flow


def flow_named(name: str) -> JobFlow[...] | None:
    """The flow of this name; None if it is somebody else's."""
    entrypoints = {name_of(each).partition("/")[0]: each["entrypoint"] for each in declared()["deployments"]}
    return flow_at(entrypoints[name]) if name in entrypoints else None
