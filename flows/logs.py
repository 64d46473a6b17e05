"""Logs as JSON lines instead of Prefect's text (LOG_FORMATO=json); every line tells the run that it belongs to.

Where `flows/logs.json.yml` is Prefect's logging configuration, Prefect imports this module while it is being imported
itself. Therefore nothing else of this repository is imported here.
"""

import json
import logging
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

from prefect.context import FlowRunContext, TaskRunContext
from prefect.logging.configuration import ensure_logging_setup, setup_logging
from prefect.settings import PREFECT_LOGGING_SETTINGS_PATH, temporary_settings

CONFIGURATION = Path(__file__).with_name("logs.json.yml")


def configure(log_format: str) -> None:
    """Set the log format of this process, which is a command and not started by a worker: `json` or Prefect's text."""
    logging.getLogger("flows").setLevel(logging.INFO)
    if log_format == "json":
        with temporary_settings({PREFECT_LOGGING_SETTINGS_PATH: CONFIGURATION}):
            setup_logging(incremental=False)
    else:
        ensure_logging_setup()


def console() -> logging.Handler:
    """The handler that `logs.json.yml` names: JSON lines on stderr, also for warnings and for uncaught errors."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    logging.captureWarnings(True)
    sys.excepthook = _uncaught
    return handler


class JsonLines(logging.Formatter):
    """Formats a log record as one line with a JSON object.

    Its fields are `time` (ISO 8601, UTC), `level`, `logger`, `message`, `flow_run_id`, `flow`, `entidade` (the job,
    whose name is the flow's), `task` (the task run's name), and `exception` and `stack` where there is one. A record of
    a library has the run in which it was logged; one of a library's own thread, the latest run of this process.
    """

    _last: tuple[str | None, str | None] = (None, None)

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        run, flow = self._run(record)
        task = getattr(record, "task_run_name", None) or _task()
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "flow_run_id": run,
            "flow": flow,
            "entidade": flow,
            "task": task,
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        if record.stack_info:
            line["stack"] = self.formatStack(record.stack_info)
        return json.dumps(line, ensure_ascii=False, default=str)

    def _run(self, record: logging.LogRecord) -> tuple[str | None, str | None]:
        """The flow run's id and the flow's name, from the record, from Prefect's context or from the latest context."""
        context = FlowRunContext.get()
        if context is not None and context.flow_run is not None:
            self._last = (str(context.flow_run.id), context.flow.name if context.flow else None)
        told: dict[str, Any] = vars(record)
        if "flow_run_id" in told and told.get("flow_name") != "<unknown>":
            return str(told["flow_run_id"]), told.get("flow_name")
        run, flow = self._last
        return run or told.get("flow_run_id") or os.environ.get("PREFECT__FLOW_RUN_ID"), flow


class RedisInOneLine(logging.Filter):
    """Tells that Redis is away in one line: its clients in the Prefect server add a traceback, every few seconds.

    So does what comes of it: an event that is delivered twice once Redis is back (`EventBeingProcessed`).
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Put such an error's text into the message, in place of its traceback; every record is logged."""
        error = record.exc_info[1] if record.exc_info else None
        kind = type(error)
        if kind.__module__ == "redis.exceptions" or kind.__name__ == "EventBeingProcessed":
            record.msg, record.args = f"{record.getMessage()} ({kind.__name__}: {str(error)[:200]})", ()
            record.exc_info = record.exc_text = None
        return True


def _task() -> str | None:
    context = TaskRunContext.get()
    return context.task_run.name if context is not None else None


def _uncaught(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, traceback)
    else:
        logging.getLogger(__name__).critical("%s", error or kind.__name__, exc_info=(kind, error, traceback))
