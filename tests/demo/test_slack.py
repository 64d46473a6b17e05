"""The receiver takes what Slack takes and refuses the rest in Slack's words."""

import json
from typing import Any

import httpx
import pytest

from demo.slack import LONGEST_SECTION, LONGEST_TEXT, MOST_BLOCKS, slack_receiver

SECTION: dict[str, Any] = {"type": "section", "text": {"type": "mrkdwn", "text": "x" * (LONGEST_SECTION + 1)}}


def test_a_message_is_taken_and_told() -> None:
    told: list[str] = []
    text = "*a* &lt;b&gt; &amp;\n> <http://127.0.0.1:4200/runs|a execução>"
    with slack_receiver(told.append) as slack:
        answer = httpx.post(slack.url, json={"text": text}, trust_env=False)
    assert (answer.status_code, answer.text) == (200, "ok")
    assert told == slack.texts == [text]


@pytest.mark.parametrize(
    ("payload", "word"),
    [
        ({}, "no_text"),
        ({"text": " "}, "no_text"),
        ({"text": 1}, "no_text"),
        (["text"], "invalid_payload"),
        ({"text": "x" * (LONGEST_TEXT + 1)}, "msg_too_long"),
        ({"text": "x", "blocks": [SECTION]}, "invalid_blocks"),
        ({"text": "x", "blocks": [{"type": "divider"}] * (MOST_BLOCKS + 1)}, "invalid_blocks"),
        ({"text": "a < b"}, "invalid_mrkdwn"),
        ({"text": "a & b"}, "invalid_mrkdwn"),
        ({"text": "<None|a execução>"}, "invalid_mrkdwn"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_wrong_message_is_refused(payload: object, word: str) -> None:
    with slack_receiver() as slack:
        answer = httpx.post(slack.url, json=payload, trust_env=False)
    assert (answer.status_code, answer.text) == (400, word)
    assert slack.texts == []
    assert len(slack.refused) == 1


def test_what_is_no_json_or_not_called_so_is_refused() -> None:
    with slack_receiver() as slack:
        broken = httpx.post(
            slack.url, content=b'{"text": "a', headers={"Content-Type": "application/json"}, trust_env=False
        )
        unnamed = httpx.post(
            slack.url, content=json.dumps({"text": "a"}), headers={"Content-Type": "text/plain"}, trust_env=False
        )
        elsewhere = httpx.post(f"{slack.url}x", json={"text": "a"}, trust_env=False)
    assert [answer.text for answer in (broken, unnamed, elsewhere)] == ["invalid_payload", "invalid_payload", "no_team"]
