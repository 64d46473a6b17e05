"""A browser without a window: Debian's chromium, driven through the WebDriver protocol of its chromedriver."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
MISSING = CHROMIUM is None or DRIVER is None
"""Whether there is no browser on this machine."""
REASON = "chromium and chromedriver (Debian's packages chromium and chromium-driver) are not installed"
_START_SECONDS = 30.0
_ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
"""The key under which the protocol hands elements to and fro."""
_PASSING = {"stale element reference", "element click intercepted", "element not interactable", "no such element"}
"""Why a click may fail while a page is being drawn."""
_FIND = """
const [selector, words] = arguments;
for (const element of document.querySelectorAll(selector)) {
    if (element.checkVisibility() && (element.innerText || '').trim() === words) return element;
}
return null;
"""
_LINK = """
const [path] = arguments;
for (const element of document.querySelectorAll('a')) {
    if (element.checkVisibility() && (element.pathname || '').endsWith(path)) return element;
}
return null;
"""
PRESSED = "a, button, [role=tab], [role=menuitem]"
"""What people click on."""


@dataclass(frozen=True)
class Browser:
    """One open page."""

    session: httpx.Client = field(repr=False)
    """Speaks to chromedriver, its address being that of the session."""

    def open(self, address: str) -> None:
        """Load a page."""
        self._ask("url", url=address)

    def script(self, source: str, *arguments: object) -> Any:
        """What the body of a JavaScript function returns."""
        return self._ask("execute/sync", script=source, args=arguments)

    @property
    def text(self) -> str:
        """What a reader sees of the page, menus included."""
        return str(self.script("return document.body ? document.body.innerText : ''"))

    def shows(self, words: str) -> bool:
        """Whether a reader sees these words."""
        return words in self.text

    def click(self, words: str, selector: str = PRESSED) -> bool:
        """Click with the mouse on the first visible element with just this text; whether there is one."""
        found = self.script(_FIND, selector, words)
        return found is not None and self._press(found)

    def follow(self, path: str) -> bool:
        """Click on the first visible link whose address ends so; whether there is one."""
        found = self.script(_LINK, path)
        return found is not None and self._press(found)

    def _press(self, element: dict[str, str]) -> bool:
        """Click with the mouse; whether the element was still there and nothing lay over it."""
        answer = self.session.post(f"element/{element[_ELEMENT]}/click", json={})
        if not answer.is_success and answer.json()["value"]["error"] in _PASSING:
            return False
        answer.raise_for_status()
        return True

    def _ask(self, command: str, **body: object) -> Any:
        answer = self.session.post(command, json=body)
        assert answer.is_success, f"{command}: {answer.text[:500]}"
        return answer.json()["value"]


@contextmanager
def browser(home: Path) -> Iterator[Browser]:
    """A browser that keeps what it must in a folder and ends with the block.

    Raises:
        TimeoutError: it did not start.
    """
    port = _free_port()
    address = f"http://127.0.0.1:{port}"
    with subprocess.Popen(
        [str(DRIVER), f"--port={port}"],
        env={"HOME": str(home), "PATH": "/usr/bin:/bin"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as driver:
        try:
            _await(address)
            with _session(address, home) as session:
                yield Browser(session)
        finally:
            driver.terminate()


@contextmanager
def _session(address: str, home: Path) -> Iterator[httpx.Client]:
    options = {
        "binary": CHROMIUM,
        # As root it starts only without its sandbox; /dev/shm is too small for it in a container.
        "args": [
            *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-proxy-server"),
            *("--window-size=1400,1000", f"--user-data-dir={home / 'profile'}"),
        ],
    }
    asked = {"capabilities": {"alwaysMatch": {"browserName": "chrome", "goog:chromeOptions": options}}}
    made = httpx.post(f"{address}/session", json=asked, timeout=60, trust_env=False).raise_for_status().json()["value"]
    session = f"{address}/session/{made['sessionId']}"
    with httpx.Client(base_url=session, timeout=60, trust_env=False) as client:
        try:
            yield client
        finally:
            client.delete(session).raise_for_status()  # else chromium outlives its driver


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def _await(address: str) -> None:
    give_up = time.monotonic() + _START_SECONDS
    while time.monotonic() < give_up:
        try:
            if httpx.get(f"{address}/status", trust_env=False).json()["value"]["ready"]:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise TimeoutError(f"chromedriver does not answer within {_START_SECONDS:g} s")
