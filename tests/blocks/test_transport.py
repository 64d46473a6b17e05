"""Answers are read up to a size, whatever they are packed in; the environment's proxy is used."""

import contextlib
import gzip
import threading
import zlib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from blocks.transport import AnswerTooLarge, CappedTransport, capped

MOST = 100_000


@contextlib.contextmanager
def server(body: bytes, *, chunked: bool = False, **headers: str) -> Iterator[str]:
    """A server that gives this answer to everything, and notes the addresses that were asked for in `asked`."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), value)
            if chunked:
                self.send_header("Transfer-Encoding", "chunked")
                self.end_headers()
                with contextlib.suppress(OSError):  # the client has had enough
                    for start in range(0, len(body), 1000):
                        part = body[start : start + 1000]
                        self.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
                    self.wfile.write(b"0\r\n\r\n")
                return
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            with contextlib.suppress(OSError):
                self.wfile.write(body)

        def log_message(self, *unused: object) -> None:
            pass

    asked.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listener:
        thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{listener.server_address[1]}"
        listener.shutdown()
        thread.join()


asked: list[str] = []


def answer(url: str) -> httpx.Response:
    with httpx.Client(transport=CappedTransport(httpx.HTTPTransport(), most=MOST)) as client:
        return client.get(url)


PACKED = {"identity": bytes, "gzip": gzip.compress, "deflate": zlib.compress}


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize("coding", PACKED)
def test_an_answer_of_the_most_bytes_is_read_whole(coding: str, chunked: bool) -> None:
    with server(PACKED[coding](b"x" * MOST), chunked=chunked, Date_Of="now", Content_Encoding=coding) as url:
        found = answer(url)
    assert (found.status_code, found.content, found.headers["date-of"]) == (200, b"x" * MOST, "now")


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize("coding", PACKED)
def test_an_answer_of_a_byte_more_is_refused(coding: str, chunked: bool) -> None:
    body = PACKED[coding](b"x" * (MOST + 1))
    with server(body, chunked=chunked, Content_Encoding=coding) as url, pytest.raises(AnswerTooLarge):
        answer(url)


def test_an_answer_packed_twice_is_refused_unread() -> None:
    bomb = gzip.compress(gzip.compress(b"x" * 10_000_000))
    with server(bomb, Content_Encoding="gzip, gzip") as url, pytest.raises(httpx.DecodingError):
        answer(url)


def test_an_answer_that_is_not_packed_as_it_says_is_a_decoding_error() -> None:
    with server(b"no gzip", Content_Encoding="gzip") as url, pytest.raises(httpx.DecodingError):
        answer(url)


@pytest.mark.parametrize("name", ["http_proxy", "all_proxy", "HTTP_PROXY"])
def test_the_environment_s_proxy_is_asked_but_for_the_servers_it_excepts(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    for each in ("http_proxy", "all_proxy", "HTTP_PROXY", "ALL_PROXY", "no_proxy", "NO_PROXY"):
        monkeypatch.delenv(each, raising=False)
    with server(b"by proxy") as proxy:
        monkeypatch.setenv(name, proxy)
        url = httpx.URL("http://odoo.example/jsonrpc")
        with httpx.Client(transport=capped(url)) as client:
            assert client.get(url).content == b"by proxy"
        assert asked == ["http://odoo.example/jsonrpc"]
        asked.clear()
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        with httpx.Client(transport=capped(httpx.URL(proxy))) as client:
            assert client.get(f"{proxy}/direct").content == b"by proxy"
        assert asked == ["/direct"]
