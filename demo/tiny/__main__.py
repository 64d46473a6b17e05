"""`python -m demo.tiny`: serve a simulated Tiny ERP until SIGTERM or Ctrl-C."""

import argparse
import gc
import sys

from demo.simulators import add_options, heed_signals, serve
from demo.tiny.clock import Clock
from demo.tiny.generated import Size, company
from demo.tiny.oauth import Client, OAuth
from demo.tiny.quota import Quota
from demo.tiny.server import TinyServer
from demo.tiny.simulator import Manner, Simulator


def main() -> int:
    """Serve the account that the arguments describe; prints its address when ready."""
    heed_signals()
    options = parser().parse_args()
    server = TinyServer((options.host, options.port), simulator_of(options))
    return serve(server, options, f"Tiny simulator: {{}} client {options.client_id}")


def parser() -> argparse.ArgumentParser:
    """The options of a simulator."""
    made = argparse.ArgumentParser(prog="python -m demo.tiny", description=__doc__)
    add_options(made)
    add = made.add_argument
    add("--orders", type=int, default=300, help="service orders of the generated company (default 300)")
    add("--months", type=int, default=24, help="months before today that they were issued in (default 24)")
    add("--seed", type=int, default=1)
    add("--minute", type=_positive, default=60.0, help="real seconds that a simulated minute takes (default 60)")
    add("--quota", type=int, default=60, help="reads per account and clock minute (default 60)")
    add("--quota-headers", choices=("on", "off"), default="on", help="whether answers tell the quota")
    add(
        "--empty", choices=("204", "blank", "list"), default="204", help="what stands for no rows (blank: 200, no body)"
    )
    add("--drift", choices=("on", "off"), default="on", help="off: answers keep to the vendor's document")
    add("--cost-per-call-ms", type=float, default=0.0, help="real milliseconds that an answer takes")
    add("--client-id", default=Client.id)
    add("--client-secret", default=Client.secret)
    add("--expires-in", type=int, default=Client.expires_in, help="simulated seconds (default 14400)")
    add("--refresh-expires-in", type=int, default=Client.refresh_expires_in, help="the same (default 86400)")
    add("--rotation", choices=("on", "off"), default="on", help="off: a renewal keeps the refresh token")
    return made


def simulator_of(options: argparse.Namespace) -> Simulator:
    """A simulator with the account that the options describe."""
    clock = Clock(options.clock, options.minute)
    gc.disable()  # many objects that all stay: nothing to collect while they are made
    orders = company(Size(options.orders, options.months), options.seed, clock.now(), clock.today())
    gc.freeze()
    gc.enable()
    lives = (options.expires_in, options.refresh_expires_in)
    oauth = OAuth(clock, Client(options.client_id, options.client_secret, *lives, options.rotation == "on"))
    quota = Quota(clock, options.quota, headers=options.quota_headers == "on")
    manner = Manner(options.empty, options.drift == "on", options.cost_per_call_ms / 1000)
    return Simulator(clock, orders, oauth, quota, manner)


def _positive(text: str) -> float:
    value = float(text)
    if value <= 0:
        raise argparse.ArgumentTypeError(f"{text} is not above zero")
    return value


if __name__ == "__main__":
    sys.exit(main())
