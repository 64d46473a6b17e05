"""What our commands say of themselves: help and errors in Portuguese, the words of argparse itself included."""

import re
import sys
import traceback
from argparse import Action, ArgumentParser
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any, NoReturn

NOT_BEGUN = 2
"""The exit code of a command that did not begin: its arguments, or what it needs, are wrong or missing."""

_KINDS = {"int": "um número inteiro", "float": "um número", "fromisoformat": "uma data como 2026-11-01"}
_WORDS = (
    (r"the following arguments are required: (.+)", r"falta \1"),
    (r"one of the arguments (.+) is required", r"falta um de \1"),
    (r"unrecognized arguments: (.+)", r"não conheço \1"),
    (r"ambiguous option: (\S+) could match (.+)", r"\1 pode ser \2: escreva a opção inteira"),
    (r"argument (.+?): not allowed with argument (.+)", r"\1 não vai junto com \2"),
    (r"argument (.+?): expected (?:one argument|at least one argument|\d+ arguments)", r"\1: falta o valor"),
    (r"argument (.+?): ignored explicit argument (.+)", r"\1 não leva valor (veio \2)"),
)
"""What argparse says of wrong arguments, as regular expressions, and the same in Portuguese."""
_CHOICE = re.compile(r"argument (.+?): invalid choice: '(.*)' \(choose from (.+)\)")
_VALUE = re.compile(r"argument (.+?): invalid (\w+) value: (.+)")


class Parser(ArgumentParser):
    """An argument parser whose help and errors are in Portuguese; it takes what argparse's own takes."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options, add_help=False)
        self._positionals.title, self._optionals.title = "argumentos", "opções"
        self.add_argument("-h", "--help", action="help", help="mostra esta ajuda e termina")

    def format_usage(self) -> str:
        """How the command is called, in one line or a few."""
        return super().format_usage().replace("usage:", "uso:", 1)

    def format_help(self) -> str:
        """All that --help prints."""
        return super().format_help().replace("usage:", "uso:", 1)

    def add_subparsers(self, **options: Any) -> Any:
        """As argparse's own; an error about them names them COMANDO."""
        return super().add_subparsers(**{"metavar": "COMANDO", **options})

    def error(self, message: str) -> NoReturn:
        """Say in one line what is wrong with the arguments, and end with 2."""
        self.exit(NOT_BEGUN, f"{self.prog}: {in_portuguese(message)} (veja {self.prog} --help)\n")


def in_portuguese(message: str) -> str:
    """What argparse says of wrong arguments, in Portuguese; a sentence that is not argparse's own, as it is."""
    if found := _CHOICE.fullmatch(message):
        choices = re.findall(r"[^\s,']+", found[3])
        return f"{found[1]}: {unknown(found[2], choices)}"
    if found := _VALUE.fullmatch(message):
        return f"{found[1]}: {found[3]} não é {_KINDS.get(found[2], 'um valor aceito')}"
    for said, told in _WORDS:
        if found := re.fullmatch(said, message):
            return found.expand(told)
    return re.sub(r"^argument (.+?): ", r"\1: ", message)


def unknown(given: str, known: Sequence[str]) -> str:
    """That a name is none of those that are known, and which of them are near it, or all."""
    near = get_close_matches(given, known, n=4)
    return f"não conheço {given!r}; {'parecidos' if near else 'conheço'}: {', '.join(near or known)}"


def add_verbose(parser: ArgumentParser) -> Action:
    """Give a command the option -v, for `refuse`."""
    return parser.add_argument(
        "-v", "--verboso", action="store_true", help="de um erro mostra também onde ele surgiu no código"
    )


def refuse(error: Exception, *, verbose: bool = False) -> int:
    """Say on stderr why a command does not begin, in one line or with the whole traceback; the exit code."""
    if verbose:
        traceback.print_exception(error)
    print(" ".join(str(error).split()), file=sys.stderr)  # noqa: T201
    return NOT_BEGUN
