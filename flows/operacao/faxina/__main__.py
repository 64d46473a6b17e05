"""One clean-up from the command line: `python -m flows.operacao.faxina`."""

import sys

from flows.catalogo import FAXINA
from flows.operacao.faxina.fluxo import faxina
from flows.run.command import run_from_command_line

if __name__ == "__main__":
    sys.exit(run_from_command_line(faxina, FAXINA))
