"""A Slack that listens on loopback: takes what an incoming webhook takes, and refuses what it refuses.

Its rules: https://api.slack.com/messaging/webhooks and the limits of https://api.slack.com/reference/block-kit/blocks.
"""

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from demo.loopback import LOOPBACK

PATH = "/services/T000/B000/segredo"
LONGEST_TEXT, MOST_BLOCKS, LONGEST_SECTION = 40_000, 50, 3_000
_CONTROL = re.compile(r"&(?:amp|lt|gt);|<https?://[^<>|&\s]+(?:\|[^<>]*)?>")
"""What `&`, `<` and `>` may be part of: anything else may be shown cut or as something that it is not."""


@dataclass
class SlackReceiver:
    """A running receiver.

    Attributes:
        url: the webhook.
        texts: the messages taken, the oldest first.
        refused: why others were not.
    """

    url: str
    texts: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


@contextmanager
def slack_receiver(heard: Callable[[str], None] = lambda _: None) -> Iterator[SlackReceiver]:
    """Receive messages until the block ends; `heard` is told each one."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            wrong = "no_team" if self.path != PATH else fault(self.headers.get("Content-Type", ""), body)
            if wrong:
                receiver.refused.append(f"{wrong}: {body[:500]!r}")
            else:
                receiver.texts.append(json.loads(body)["text"])
                heard(receiver.texts[-1])
            answer = (wrong or "ok").encode()
            self.send_response(400 if wrong else 200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer((LOOPBACK, 0), Handler) as server:
        receiver = SlackReceiver(f"http://{LOOPBACK}:{server.server_port}{PATH}")
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield receiver
        finally:
            server.shutdown()
            thread.join()


def fault(content_type: str, body: bytes) -> str | None:
    """Slack's word for what is wrong with a request, if anything is."""
    try:
        message = json.loads(body)
    except ValueError:
        return "invalid_payload"
    if content_type.partition(";")[0].strip() != "application/json" or not isinstance(message, dict):
        return "invalid_payload"
    text, blocks = message.get("text"), message.get("blocks") or []
    if not isinstance(text, str) or not text.strip():
        return "no_text"
    if len(text) > LONGEST_TEXT:
        return "msg_too_long"
    sections = [block["text"]["text"] for block in blocks if block.get("type") == "section"]
    if len(blocks) > MOST_BLOCKS or any(len(section) > LONGEST_SECTION for section in sections):
        return "invalid_blocks"
    return "invalid_mrkdwn" if re.search(r"[&<]|>(?! )", _CONTROL.sub("", text)) else None
