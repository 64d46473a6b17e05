"""One reconciliation from the command line: `python -m flows.conciliacao --periodo 2026-10 --excel fechamento.xlsx`."""

import sys

from flows.catalogo import CONCILIACAO
from flows.conciliacao.fluxo import conciliacao
from flows.run.command import run_from_command_line

if __name__ == "__main__":
    sys.exit(run_from_command_line(conciliacao, CONCILIACAO))
