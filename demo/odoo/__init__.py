"""An Odoo 17 simulator that runs as its own process.

It holds the company that was recorded from a real Odoo 17.0, or a generated one of any size, and answers XML-RPC,
JSON-RPC and JSON-2 as that server did, faults and write dates included. `python -m demo.odoo --help` lists the
options; tests start it with `odoo_process(...)` and steer it with `OdooProcess.control` (see `demo.odoo.control`).
"""

from demo.odoo.process import OdooProcess, odoo_process

__all__ = ["OdooProcess", "odoo_process"]
