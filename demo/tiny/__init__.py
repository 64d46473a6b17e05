"""A simulator of Tiny ERP's API v3 for service orders (OS), with its OAuth2 server, that runs as its own process.

Shapes, limits and drift are those that answers of a real account showed; what nobody could observe is marked
"assumed" where it is decided. `python -m demo.tiny --help` lists the options; tests start it with `tiny_process(...)`
and steer it with `TinyProcess.control` (see `demo.tiny.control`).
"""

from demo.tiny.process import TinyProcess, tiny_process

__all__ = ["TinyProcess", "tiny_process"]
