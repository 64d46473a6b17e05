"""`sincronia COMANDO …`, or `python -m flows.comando COMANDO …`."""

import os
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from types import MappingProxyType

from blocks.errors import SincroniaError
from blocks.help import NOT_BEGUN, refuse, unknown
from flows.comando.commands import BANCO, COMMANDS, PREFECT, Command

NAME = "sincronia"
_READY = "o Prefect e o banco respondem; começando …"
BEGINS: Mapping[str, str] = MappingProxyType(
    {
        "conciliacao": _READY,
        "faxina": _READY,
        "deploy": "o Prefect responde; começando …",
        "saude": "conferindo …",
        "status": "perguntando ao Prefect e ao banco …",
    }
)
"""What is said on stderr where a command takes two seconds and more to say its first word itself."""
QUESTIONS = ("saude", "status")
"""Where that is said on a terminal only: a timer that asks these wants to hear of nothing but their answers."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Carry out one command.

    Returns:
        What the command returns: 0 if it succeeded, 1 if not. 2 if it did not begin; one line on stderr says why.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    if not given or given[0] in ("-h", "--help", "ajuda"):
        print(_help())  # noqa: T201
        return 0
    name, *rest = given
    if name not in COMMANDS:
        print(f"{NAME}: {unknown(name, list(COMMANDS))} (veja {NAME} --help)", file=sys.stderr)  # noqa: T201
        return NOT_BEGUN
    # Whatever is asked, no server of Prefect's is started here: read at its import.
    os.environ.setdefault("PREFECT_SERVER_ALLOW_EPHEMERAL_MODE", "false")
    try:
        return _carry_out(name, COMMANDS[name], rest)
    except KeyboardInterrupt:
        return 130


def _carry_out(name: str, command: Command, given: Sequence[str]) -> int:
    options = command.parser(f"{NAME} {name}").parse_args(given)
    try:
        _require_ready(command)
    except SincroniaError as error:
        return refuse(error, verbose=options.verboso)
    if name in BEGINS and (name not in QUESTIONS or sys.stderr.isatty()):
        print(f"{name}: {BEGINS[name]}", file=sys.stderr, flush=True)  # noqa: T201
    within = [command.within] if command.within else []
    done = import_module(command.module).main([*within, *given], NAME if within else f"{NAME} {name}")
    return int(done)


def _require_ready(command: Command) -> None:
    if not command.needs:
        return
    from flows.ready import require_ready  # noqa: PLC0415  a fifth of a second that --help does not take
    from flows.settings import load_settings  # noqa: PLC0415

    require_ready(load_settings(), prefect=command.needs >= PREFECT, database=command.needs >= BANCO)


def _help() -> str:
    width = max(map(len, COMMANDS))
    lines = [f"  {name.ljust(width)}  {command.told}" for name, command in COMMANDS.items()]
    return "\n".join(
        [
            f"uso: {NAME} COMANDO …",
            "",
            "O que operadores pedem ao Sincronia; cada comando explica o que toma com --help.",
            "",
            *lines,
            "",
            "Termina com 0 se deu certo, 1 se não deu, 2 se nem começou: a mensagem diz o que falta ou está errado.",
            "Uma execução de um só job, sem deployment nem worker: python -m flows.vendas.carteira --help",
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
