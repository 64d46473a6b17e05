"""What Prefect and its connectors log of themselves in a run, and what tells operators nothing, is left out."""

import logging

from blocks.errors import SincroniaError

_LOGGERS = (
    "prefect.flow_runs",
    "prefect.task_runs",
    "prefect.SqlAlchemyConnector",
    "APILogWorker",
    "EventsWorker",
)
"""Where such lines are logged."""

_NEVER = ("Created a new engine.", "Still processing items: ")
"""How lines begin that are left out."""

_TOLD_BEFORE = "Engine execution exited with unexpected exception"
"""How the line begins with which Prefect repeats, with its traceback, the error of a run that has failed already."""


class _Noise(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record is logged; an error that nobody has told of is."""
        said = str(record.msg)
        if said.startswith(_TOLD_BEFORE):
            return not (record.exc_info and isinstance(record.exc_info[1], SincroniaError))
        return not said.startswith(_NEVER)


_NOISE = _Noise()


def leave_out() -> None:
    """Leave such lines out of the logs of this process, from now on."""
    for name in _LOGGERS:
        logging.getLogger(name).addFilter(_NOISE)
