"""`python -m flows.operacao.metricas`: /metrics for Prometheus, and /healthz, in a process of its own.

The database is that of DATABASE_URL, or of the Prefect block `sqlalchemy-connector/banco`; it need not be up.
"""

import logging
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Sequence
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

from prometheus_client import CollectorRegistry, make_wsgi_app
from prometheus_client.exposition import ThreadingWSGIServer
from sqlalchemy import Engine

from blocks.banco import be_impatient
from blocks.errors import ConfigurationError, SincroniaError
from blocks.help import refuse
from flows.logs import configure
from flows.operacao import parsers
from flows.operacao.collector import SyncCollector
from flows.ready import database_of, require_ready
from flows.settings import Settings, load_settings

STATEMENT_SECONDS = 5.0
CONNECT_SECONDS = 3
"""With both a scrape ends within Prometheus' ten seconds, whether the database refuses, hangs or is unreachable."""

logger = logging.getLogger("flows.operacao.metricas")


def application(engine: Engine) -> Callable[..., Iterable[bytes]]:
    """The WSGI application: /metrics and /healthz."""
    registry = CollectorRegistry()
    registry.register(SyncCollector(engine))
    metrics = make_wsgi_app(registry)

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/metrics":
            return metrics(environ, start_response)  # type: ignore[no-any-return]
        status, text = ("200 OK", "ok\n") if environ["PATH_INFO"] == "/healthz" else ("404 Not Found", _NOT_HERE)
        start_response(status, [("Content-Type", "text/plain; charset=utf-8")])
        return [text.encode()]

    return answer


def impatient_engine(settings: Settings) -> Engine:
    """The database's engine, with the short time-outs of a scrape."""
    longest = min(settings.statement_timeout, STATEMENT_SECONDS)
    engine = database_of(settings.model_copy(update={"statement_timeout": longest}))
    be_impatient(engine, CONNECT_SECONDS)
    return engine


def serve(engine: Engine, address: str, port: int, stop: threading.Event) -> None:
    """Answer until `stop` is set.

    Raises:
        OSError: the address cannot be listened on.
    """
    with make_server(address, port, application(engine), ThreadingWSGIServer, _Quiet) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        logger.info("📈 Métricas em http://%s:%d/metrics", address, server.server_port)
        stop.wait()
        server.shutdown()
        thread.join()
    logger.info("Métricas encerradas")


class _Quiet(WSGIRequestHandler):
    """Answers requests without a log line for each."""

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Nothing."""


_NOT_HERE = "Aqui há /metrics e /healthz.\n"


def main(arguments: Sequence[str] | None = None, prog: str = "python -m flows.operacao.metricas") -> int:
    """Serve until SIGTERM or Ctrl-C; 0 then, 2 if it could not begin."""
    options = parsers.metricas(prog).parse_args(arguments)
    stop = threading.Event()
    for request in (signal.SIGTERM, signal.SIGINT):
        signal.signal(request, lambda *_: stop.set())
    try:
        settings = load_settings()
        configure(settings.log_formato)
        require_ready(settings, prefect=settings.database_url is None, database=False)
        serve(impatient_engine(settings), options.endereco, options.porta, stop)
    except OSError as error:
        told = f"não é possível responder em {options.endereco}:{options.porta}: {error}"
        return refuse(ConfigurationError(told), verbose=options.verboso)
    except SincroniaError as error:
        return refuse(error, verbose=options.verboso)
    return 0


if __name__ == "__main__":
    sys.exit(main())
