"""`python -m demo.odoo`: serve a simulated Odoo until SIGTERM or Ctrl-C."""

import argparse
import gc
import ipaddress
import signal
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

from demo.odoo import ciel_it, company, derived, fields, generated, moments
from demo.odoo.clock import Clock
from demo.odoo.environment import Environment
from demo.odoo.server import Cost, OdooServer
from demo.odoo.simulator import USERS, Simulator
from demo.odoo.store import Store


def main() -> int:
    """Serve the company that the arguments describe; prints its address when ready."""
    options = _parser().parse_args()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with OdooServer((options.host, options.port), _simulator(options), _cost(options)) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        address = f"{options.host}:{server.server_port}"
        if options.ready_file:
            options.ready_file.write_text(address)
        print(f"Odoo simulator: http://{address} database {options.db}", flush=True)
        stop.wait()
        server.shutdown()
        thread.join()
    if options.ready_file:
        options.ready_file.unlink(missing_ok=True)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m demo.odoo", description=__doc__)
    parser.add_argument("--host", type=_loopback, default="127.0.0.1", help="a loopback address (default 127.0.0.1)")
    parser.add_argument("--port", type=int, default=0, help="0 (default) takes any free port")
    parser.add_argument("--ready-file", type=Path, help="gets host:port when the server is ready; removed at the end")
    parser.add_argument("--db", default="producao")
    parser.add_argument("--company", choices=("recorded", "generated"), default="recorded")
    parser.add_argument("--orders", type=int, default=1000, help="sale orders of the generated company")
    parser.add_argument("--lines-per-order", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--profile", choices=("vanilla", "ciel_it"), default="vanilla")
    parser.add_argument("--cost-per-call-ms", type=float, default=0.0)
    parser.add_argument("--cost-per-record-ms", type=float, default=0.0)
    parser.add_argument("--clock", type=_moment, help="ISO time that the clock starts from (default: the machine's)")
    return parser


def _simulator(options: argparse.Namespace) -> Simulator:
    models, declared = fields.vanilla(), derived.STANDARD.declared
    if options.profile == "ciel_it":
        fields.extended(models, ciel_it.FIELDS)
        declared = [*declared, *ciel_it.LOCAL.declared]
    store = Store(models, Clock(options.clock), declared)
    if options.profile == "ciel_it":
        ciel_it.install(store)
    env = Environment(store, USERS[0], moments.timestamp(store.clock.started))
    gc.disable()  # millions of objects that all stay: nothing to collect while they are made
    if options.company == "recorded":
        company.load_recorded(env)
    else:
        generated.load(env, generated.Size(options.orders, options.lines_per_order), options.seed)
    gc.freeze()
    gc.enable()
    return Simulator(store, options.db)


def _cost(options: argparse.Namespace) -> Cost:
    return Cost(options.cost_per_call_ms / 1000, options.cost_per_record_ms / 1000)


def _loopback(host: str) -> str:
    if not ipaddress.ip_address(host).is_loopback:
        raise argparse.ArgumentTypeError(f"{host} is not a loopback address")
    return host


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


if __name__ == "__main__":
    sys.exit(main())
