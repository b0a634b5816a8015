"""A PostgreSQL server of one's own, thrown away afterwards; run by somebody who is not root."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

INSTALLED = "/usr/lib/postgresql/*/bin"


@cache
def programs() -> Path | None:
    """Where the server's programs are; None where there are none."""
    there = shutil.which("initdb")
    if there is not None:
        return Path(there).parent
    found = sorted(Path("/").glob(f"{INSTALLED[1:]}/initdb"))
    return found[-1].parent if found else None


@dataclass
class Cluster:
    """A server in a folder of its own; it listens on this machine alone."""

    folder: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="voorzet-pg-")))
    port: int = 0
    running: bool = False

    def make(self) -> None:
        """Make the folder and start."""
        if os.geteuid() == 0:
            shutil.chown(self.folder, *self._somebody())
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._run("initdb", "-D", self._data, "-U", "voorzet", "-A", "trust", "--no-sync")
        self.start()

    def start(self) -> None:
        """Start, and wait until it answers."""
        settings = f"-p {self.port} -h 127.0.0.1 -k {self.folder} -c fsync=off"
        log = str(self.folder / "log")
        self._run("pg_ctl", "-D", self._data, "-o", settings, "-l", log, "-w", "start")
        self.running = True

    def stop(self) -> None:
        """Stop at once, as a power cut would."""
        if self.running:
            self._run("pg_ctl", "-D", self._data, "-m", "immediate", "-w", "stop")
            self.running = False

    def database(self) -> str:
        """The address of a new, empty database."""
        import psycopg

        name = f"v{uuid4().hex}"
        with psycopg.connect(self._address("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return self._address(name).replace("postgresql://", "postgresql+psycopg://")

    def throw_away(self) -> None:
        """Stop, and leave nothing."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def _data(self) -> str:
        return str(self.folder / "data")

    def _address(self, name: str) -> str:
        return f"postgresql://voorzet@127.0.0.1:{self.port}/{name}"

    def _run(self, program: str, *arguments: str) -> None:
        folder = programs()
        assert folder is not None
        who: dict[str, Any] = {}
        if os.geteuid() == 0:
            user, group = self._somebody()
            who = {"user": user, "group": group, "extra_groups": []}
        done = subprocess.run(
            [folder / program, *arguments],
            check=False,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            cwd=self.folder,
            **who,
        )
        assert done.returncode == 0, done.stderr.decode()

    @staticmethod
    def _somebody() -> tuple[int, int]:
        """The server refuses to be root."""
        names = {entry.pw_name: entry for entry in pwd.getpwall()}
        entry = names.get("postgres") or names["nobody"]
        return entry.pw_uid, entry.pw_gid
