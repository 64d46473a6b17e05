"""The bodies of requests and answers: JSON as Python's servers write and read it, and XML-RPC."""

import json
import xmlrpc.client
from collections.abc import Callable, Sequence
from typing import Any

import orjson

GARBAGE = object()
"""What a body is that cannot be read."""

_NOT_XML = bytes(set(range(32)) - {9, 10, 13})
"""Control characters that XML 1.0 forbids. Older builds of Odoo send them, and fail if they are sent to them."""

_NO_CHARACTERS = dict.fromkeys((0xFFFE, 0xFFFF))
"""Code points that XML 1.0 forbids, too. Odoo sends them all the same: an answer with one cannot be read."""


def json_body(value: Any) -> bytes:
    """The value as JSON."""
    try:
        return orjson.dumps(value)
    except TypeError:  # a number beyond 64 bits, or half of a surrogate pair
        return json.dumps(value).encode()


def json_value(content: bytes) -> Any:
    """The value of a JSON body, else `GARBAGE`. `NaN` and `Infinity` are floats: Python's servers write them."""
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError:
        pass
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return GARBAGE


def xml_body(method: str, params: Sequence[Any]) -> bytes:
    """The call as XML-RPC, without the characters that XML cannot hold."""
    sent = _Marshaller().dumps(tuple(params))
    body = f"<?xml version='1.0'?>\n<methodCall>\n<methodName>{method}</methodName>\n{sent}</methodCall>\n"
    return body.translate(_NO_CHARACTERS).encode(errors="ignore").translate(None, _NOT_XML)


def xml_value(content: bytes) -> Any:
    """The value of an XML-RPC body, else `GARBAGE`.

    Raises:
        xmlrpc.client.Fault: the body is a fault; its code and text may be of any type.
    """
    try:
        (result,), _ = xmlrpc.client.loads(content.translate(None, _NOT_XML), use_builtin_types=True)
    except xmlrpc.client.Fault:
        raise
    except Exception:  # the library lets through whatever its conversions raise (InvalidOperation, binascii.Error …)
        return GARBAGE
    return result


def _write_integer(_: xmlrpc.client.Marshaller, value: Any, write: Callable[[str], object]) -> None:
    kind = "int" if xmlrpc.client.MININT <= value <= xmlrpc.client.MAXINT else "i8"
    write(f"<value><{kind}>{value}</{kind}></value>\n")


class _Marshaller(xmlrpc.client.Marshaller):
    """Sends integers beyond 32 bits as `i8`, which Odoo reads: such an id is one that does not exist, not an error."""

    def __init__(self) -> None:
        super().__init__("utf-8", allow_none=True)
        self.dispatch = {**self.dispatch, int: _write_integer}
