"""``voorzet`` as somebody would run it: in a process of its own."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO
from urllib.request import urlopen

from serving.workspace import Workspace

COMMAND = Path(sys.executable).with_name("voorzet")


def voorzet(*arguments: str) -> subprocess.CompletedProcess[str]:
    """A command that ends by itself."""
    return subprocess.run([COMMAND, *arguments], capture_output=True, text=True, check=False)


@contextmanager
def serving(
    workspace: Workspace, output: IO[bytes] | None = None, *, workers: int = 1
) -> Iterator[str]:
    """``voorzet serve``; gives its address. What it says on the screen goes to ``output``."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    with TemporaryFile() as unread:
        screen = output or unread
        server = subprocess.Popen(
            [
                *(COMMAND, "serve", "--workspace", workspace.folder),
                *("--port", port, "--workers", str(workers)),
            ],
            stdout=screen,
            stderr=subprocess.STDOUT,
        )
        try:
            _wait(server, f"http://127.0.0.1:{port}/healthz", screen)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(timeout=30)


def _wait(server: subprocess.Popen[bytes], address: str, screen: IO[bytes]) -> None:
    for _ in range(600):
        if server.poll() is not None:
            screen.seek(0)
            raise AssertionError(f"the server stopped: {screen.read().decode()}")
        try:
            with urlopen(address):  # noqa: S310  # our own server
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the server did not start within a minute")
