"""One clean-up from the command line: `python -m flows.operacao.faxina`."""

import sys
from collections.abc import Sequence

from flows.catalogo import FAXINA
from flows.operacao.faxina.fluxo import faxina
from flows.run.command import run_from_command_line


def main(arguments: Sequence[str] | None = None, prog: str | None = None) -> int:
    """Clean up once; 0 if it completed, 1 if it failed, 2 if it did not begin."""
    return run_from_command_line(faxina, FAXINA, arguments, prog=prog)


if __name__ == "__main__":
    sys.exit(main())
