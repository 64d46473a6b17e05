"""The help of our commands: in Portuguese, the words of argparse itself included."""

from argparse import ArgumentParser
from typing import Any


class Parser(ArgumentParser):
    """An argument parser whose --help is in Portuguese; it takes what argparse's own takes."""

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
