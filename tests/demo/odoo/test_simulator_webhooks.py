"""Webhooks of the simulator: what Odoo's action "Send Webhook Notification" sends, and when."""

import json
import queue
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from simulator_rpc import JsonRpc

from demo.odoo import OdooProcess, odoo_process

NOTED = "Avisar o Sincronia(#1)"
EXACT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{1,6}")


@dataclass
class Told:
    """What a receiver was told; `before_answer` is called before it answers."""

    url: str = ""
    notices: "queue.Queue[dict[str, Any]]" = field(default_factory=queue.Queue)
    kinds: set[str | None] = field(default_factory=set)
    status: int = 200
    before_answer: Callable[[], None] = lambda: None

    def next(self) -> dict[str, Any]:
        return self.notices.get(timeout=10)


@contextmanager
def receiver() -> Iterator[Told]:
    told = Told()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told.kinds.add(self.headers["Content-Type"])
            told.notices.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            told.before_answer()
            self.send_response(told.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        told.url = f"http://127.0.0.1:{server.server_port}/odoo/segredo"
        yield told
        server.shutdown()
        thread.join()


@pytest.fixture
def told() -> Iterator[Told]:
    with receiver() as receiving:
        yield receiving


def an_order(rpc: JsonRpc) -> int:
    [order] = rpc.call("sale.order", "search", [["state", "=", "draft"]], limit=1, order="id")
    return int(order)


def test_a_saved_record_is_told_with_the_fields_that_were_chosen(odoo: OdooProcess, rpc: JsonRpc, told: Told) -> None:
    order = an_order(rpc)
    odoo.control(
        "webhook", url=told.url, models=["sale.order"], fields=["write_date", "partner_id", "client_order_ref"]
    )
    rpc.call("sale.order", "write", [order], {"client_order_ref": "PC-7"})
    notice = told.next()
    [shown] = rpc.call("sale.order", "read", [order], ["partner_id", "write_date"])
    stamp = notice.pop("write_date")
    assert notice == {
        **{"_model": "sale.order", "_id": order, "_action": NOTED},
        **{"id": order, "partner_id": shown["partner_id"][0], "client_order_ref": "PC-7"},
    }
    assert EXACT.fullmatch(stamp)  # other than by RPC
    assert stamp.startswith(shown["write_date"])
    assert told.kinds == {"application/json"}


def test_without_fields_only_the_record_is_told(odoo: OdooProcess, rpc: JsonRpc, told: Told) -> None:
    odoo.control("webhook", url=told.url, models=["res.partner"], fields=[])
    partner = rpc.call("res.partner", "create", {"name": "Cliente novo"})
    assert told.next() == {"_model": "res.partner", "_id": partner, "_action": NOTED}


def test_records_of_other_models_and_failed_transactions_are_not_told(
    odoo: OdooProcess, rpc: JsonRpc, told: Told
) -> None:
    order = an_order(rpc)
    odoo.control("webhook", url=told.url, models=["sale.order"])
    rpc.call("res.partner", "create", {"name": "Outro"})
    with pytest.raises(Exception, match="nenhum"):
        rpc.call("sale.order", "write", [order], {"nenhum": 1})
    rpc.call("sale.order", "write", [order], {"client_order_ref": "PC-8"})
    assert told.next()["_id"] == order
    assert told.notices.empty()


def test_the_line_of_an_order_is_told_apart_from_it(odoo: OdooProcess, rpc: JsonRpc, told: Told) -> None:
    [line] = rpc.call("sale.order.line", "search", [["order_id", "=", an_order(rpc)]], limit=1)
    odoo.control("webhook", url=told.url, models=["sale.order", "sale.order.line"])
    rpc.call("sale.order.line", "write", [line], {"name": "Outra descrição"})
    assert (told.next()["_model"], told.notices.empty()) == ("sale.order.line", True)


@pytest.mark.parametrize("deletions", [False, True])
def test_a_deleted_record_is_told_where_that_is_asked_for(
    odoo: OdooProcess, rpc: JsonRpc, told: Told, deletions: bool
) -> None:
    partner = rpc.call("res.partner", "create", {"name": "Passageiro"})
    odoo.control("webhook", url=told.url, models=["res.partner"], fields=["name"], deletions=deletions)
    rpc.call("res.partner", "unlink", [partner])
    if deletions:
        assert told.next() == {
            **{"_model": "res.partner", "_id": partner, "_action": NOTED},
            **{"id": partner, "name": "Passageiro"},
        }
    assert told.notices.empty()


def test_nothing_is_told_after_a_reset(odoo: OdooProcess, rpc: JsonRpc, told: Told) -> None:
    odoo.control("webhook", url=told.url, models=["sale.order"])
    odoo.control("reset")
    rpc.call("sale.order", "write", [an_order(rpc)], {"client_order_ref": "PC-9"})
    assert told.notices.empty()


def test_a_receiver_that_refuses_or_is_slow_or_gone_changes_nothing(
    odoo: OdooProcess, rpc: JsonRpc, told: Told
) -> None:
    order = an_order(rpc)
    go_on = threading.Event()
    told.before_answer = lambda: bool(go_on.wait(10)) or None
    odoo.control("webhook", url=told.url, models=["sale.order"])
    begun = time.monotonic()
    rpc.call("sale.order", "write", [order], {"client_order_ref": "lento"})
    assert 1 <= time.monotonic() - begun < 5  # it waits for a second
    go_on.set()
    told.status = 403
    rpc.call("sale.order", "write", [order], {"client_order_ref": "recusado"})
    odoo.control("webhook", url="http://127.0.0.1:9/odoo/x", models=["sale.order"])
    rpc.call("sale.order", "write", [order], {"client_order_ref": "sumido"})
    assert rpc.call("sale.order", "read", [order], ["client_order_ref"])[0]["client_order_ref"] == "sumido"
    assert odoo.log.read_text().count("Webhook call failed") == 3


@pytest.mark.parametrize(("version", "seen"), [("18.0", False), ("19.0", True)])
def test_until_18_a_notice_comes_before_what_it_tells_of(told: Told, version: str, seen: bool) -> None:
    with odoo_process(versao=version) as odoo, JsonRpc(odoo) as rpc, JsonRpc(odoo) as other:
        order = an_order(rpc)
        found: list[Any] = []

        def ask() -> None:
            # Whether the transaction is over is seen by whether another call is answered while the notice is.
            asking = threading.Thread(
                target=lambda: found.append(other.call("sale.order", "read", [order], ["client_order_ref"])[0])
            )
            asking.start()
            asking.join(0.5)
            answered.append(bool(found))

        answered: list[bool] = []
        told.before_answer = ask
        odoo.control("webhook", url=told.url, models=["sale.order"])
        rpc.call("sale.order", "write", [order], {"client_order_ref": "agora"})
        while not found:
            time.sleep(0.01)
        assert answered == [seen]
        assert found[0]["client_order_ref"] == "agora"


def test_16_sends_none() -> None:
    with odoo_process(versao="16.0") as odoo, pytest.raises(ValueError, match=r"Odoo 16\.0 sends no webhooks"):
        odoo.control("webhook", url="http://127.0.0.1:9", models=["sale.order"])


def test_a_model_or_field_that_there_is_not_is_a_mistake(odoo: OdooProcess, rpc: JsonRpc) -> None:
    for wrong in ({"models": ["sale.ordem"]}, {"models": ["sale.order"], "fields": ["nenhum"]}):
        with pytest.raises(ValueError, match="KeyError"):
            odoo.control("webhook", url="http://127.0.0.1:9", **wrong)
