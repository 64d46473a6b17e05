"""`python -m flows.<domain>.<entity>`: one run without a deployment."""

import argparse
from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from prefect import Flow, State

from flows.engine.entity import Entity
from flows.engine.lock import create_limits


def run_from_command_line(flow: Flow[..., Any], entity: Entity, arguments: Sequence[str] | None = None) -> int:
    """Run the entity's flow with the parameters of the command line; print success, counts and error.

    Uses the Prefect server of `PREFECT_API_URL`, or a temporary one if there is none.

    Returns:
        0 if the run completed (or was skipped), 1 if it failed.
    """
    parser = argparse.ArgumentParser(prog=f"python -m {flow.fn.__module__}", description=flow.description)
    parser.add_argument("--janela-minutos", type=int, help="minutos para trás a partir de agora")
    parser.add_argument("--desde", type=datetime.fromisoformat, help="início do período (ISO; sem zona: São Paulo)")
    parser.add_argument("--ate", type=datetime.fromisoformat, help="fim do período")
    parser.add_argument("--documentos", nargs="+", metavar="NUMERO", help="só estes documentos")
    parser.add_argument("--dry-run", action="store_true", help="lê e conta, sem gravar nada")
    parameters = vars(parser.parse_args(arguments))
    create_limits([entity.name])
    state = cast(State[Any], flow(**parameters, return_state=True))
    succeeded = state.is_completed()
    print(f"Sucesso: {succeeded}{' (Skipped)' if state.name == 'Skipped' else ''}")  # noqa: T201
    if succeeded and state.name != "Skipped":
        result = state.result()
        print(f"Registros: {result['lidos']}")  # noqa: T201
        for name, value in result.items():
            if isinstance(value, int | str) and not isinstance(value, bool):
                print(f"   - {name}: {value}")  # noqa: T201
    print(f"Erro: {'Nenhum' if succeeded else state.message}")  # noqa: T201
    return 0 if succeeded else 1
