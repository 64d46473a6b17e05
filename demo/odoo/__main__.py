"""`python -m demo.odoo`: serve a simulated Odoo until SIGTERM or Ctrl-C."""

import argparse
import gc
import sys

from demo.odoo import ciel_it, company, copies, derived, fields, generated, moments, versions
from demo.odoo.environment import Environment
from demo.odoo.moments import Clock
from demo.odoo.server import Cost, OdooServer
from demo.odoo.simulator import USERS, Simulator
from demo.odoo.store import Store
from demo.odoo.version import VERSIONS
from demo.simulators import add_options, heed_signals, serve


def main() -> int:
    """Serve the company that the arguments describe; prints its address when ready."""
    heed_signals()
    options = parser().parse_args()
    cost = Cost(options.cost_per_call_ms / 1000, options.cost_per_record_ms / 1000)
    server = OdooServer((options.host, options.port), simulator_of(options), cost)
    return serve(server, options, f"Odoo simulator: {{}} database {options.db}")


def parser() -> argparse.ArgumentParser:
    """The options of a simulator."""
    parser = argparse.ArgumentParser(prog="python -m demo.odoo", description=__doc__)
    add_options(parser)
    parser.add_argument("--db", default="producao")
    parser.add_argument("--versao", choices=tuple(VERSIONS), default="17.0", help="the version of Odoo (default 17.0)")
    parser.add_argument("--company", choices=("recorded", "generated"), default="recorded")
    parser.add_argument("--orders", type=int, default=1000, help="sale orders of the generated company")
    parser.add_argument("--lines-per-order", type=int, default=10)
    parser.add_argument("--copies", type=int, default=1, help="how often it has each of its documents (default 1)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--profile", choices=("vanilla", "ciel_it"), default="vanilla")
    parser.add_argument("--cost-per-call-ms", type=float, default=0.0)
    parser.add_argument("--cost-per-record-ms", type=float, default=0.0)
    return parser


def simulator_of(options: argparse.Namespace) -> Simulator:
    """A simulator with the company that the options describe."""
    version = VERSIONS[options.versao]
    models, seen = versions.models(version)
    declared = versions.derived(version, derived.STANDARD.declared)
    versions.install(version)
    if options.profile == "ciel_it":
        for known in (models, seen):
            fields.extend(known, "ciel_it")
        declared = [*declared, *ciel_it.LOCAL.declared]
    store = Store(models, Clock(options.clock), declared, version)
    if options.profile == "ciel_it":
        ciel_it.install(store)
    env = Environment(store, USERS[0], moments.timestamp(store.clock.started))
    gc.disable()  # millions of objects that all stay: nothing to collect while they are made
    if options.company == "recorded":
        company.load_recorded(env)
    else:
        generated.load(env, generated.Size(options.orders, options.lines_per_order), options.seed)
        copies.multiply(store, options.copies)
    versions.adapt(env)
    versions.show(store, seen)
    gc.freeze()
    gc.enable()
    return Simulator(store, options.db)


if __name__ == "__main__":
    sys.exit(main())
