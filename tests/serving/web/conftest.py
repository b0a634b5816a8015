"""The small office behind real pages: a client without a browser, and one with."""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
import uvicorn
from fastapi.testclient import TestClient
from playwright.sync_api import Browser, sync_playwright

from serving.api.app import app_of
from serving.application import Application
from serving.bootstrap import bootstrap
from serving.workspace import Workspace
from tests.serving.office import KIM, NOW, PURPOSE, Office
from tests.serving.web.desk import Desk

CHROMIUM = Path("/usr/bin/chromium")
TOKEN = re.compile(r'name="form_token" value="([0-9a-f]{64})"')


class Visit:
    """Somebody at the pages, without a browser: follows redirects and fills in forms."""

    def __init__(self, application: Application) -> None:
        self.client = TestClient(app_of(application), follow_redirects=True)

    def get(self, path: str):
        """A page."""
        return self.client.get(path)

    def post(self, path: str, *, page: str = "/log-in", **fields: str):
        """A form of ``page``, with the token that it carries."""
        token = TOKEN.search(self.client.get(page).text)
        assert token is not None
        return self.client.post(path, data={"form_token": token.group(1), **fields})

    def log_in(self, token: str):
        """Logs in."""
        return self.post("/log-in", token=token)

    def open(self, query: str, purpose: str = PURPOSE) -> str:
        """The path of the view of the first citizen that a search finds."""
        found = self.post("/search", page="/search", query=query, purpose=purpose)
        link = re.search(r'class="found">.*?href="([^"]+)"', found.text, re.DOTALL)
        assert link is not None, found.text
        return link.group(1)


@pytest.fixture
def visit(office: Office) -> Visit:
    """Kim, logged in."""
    made = Visit(office.application)
    assert made.log_in(office.token(KIM)).url.path in ("/search", "/caseload")
    return made


@pytest.fixture
def stranger(office: Office) -> Visit:
    """Somebody who has not logged in."""
    return Visit(office.application)


@contextmanager
def served(
    office: Office,
    embed_origins: Sequence[str] = (),
    *,
    settled: Callable[[str], Workspace] | None = None,
) -> Iterator[str]:
    """A server of its own on the office's workspace, read from the disk; gives its address.

    ``settled`` gives other settings, for who must know the address before there is a server.
    """
    door = socket.create_server(("127.0.0.1", 0))
    address = f"http://127.0.0.1:{door.getsockname()[1]}"
    workspace = settled(address) if settled else office.workspace
    application = bootstrap(workspace, now=lambda: NOW)
    app = app_of(application, embed_origins=embed_origins)
    server = uvicorn.Server(uvicorn.Config(app, log_level="error"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [door]}, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the server did not start"
        time.sleep(0.02)
    try:
        yield address
    finally:
        server.should_exit = True
        thread.join(timeout=20)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The system's Chromium."""
    if not CHROMIUM.is_file():
        pytest.skip(f"no browser: {CHROMIUM} is not there; install Chromium to run this test")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield browser
        browser.close()


@pytest.fixture
def desk(chromium: Browser) -> Iterator[Desk]:
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, locale="nl-NL")
    made = Desk(context.new_page(), context)
    context.on("request", lambda request: made.asked.append(request.url))
    made.page.on("console", lambda message: made.said.append(message.text))
    made.page.on("pageerror", lambda fault: made.said.append(str(fault)))
    yield made
    context.close()
