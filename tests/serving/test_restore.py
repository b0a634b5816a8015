"""Backup while serving and restore elsewhere, by the commands of docs/deploying.md, in both
databases."""

from __future__ import annotations

import json
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from serving.answers import Outcome
from serving.bootstrap import bootstrap
from serving.cli import main
from serving.workspace import FILE, Workspace
from tests.serving.office import BAKKER, JANSEN, KIM, NOW, PURPOSE, VISSER, VRIES, Office
from tests.serving.postgres import Cluster

pytestmark = pytest.mark.slow("makes an office in both databases, and backs it up while serving")


def run(*command: str | Path, cwd: Path) -> None:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def verified(workspace: Path, capsys: pytest.CaptureFixture[str], *more: str) -> tuple[int, str]:
    """The exit status of ``voorzet audit verify``, and the end that it tells."""
    capsys.readouterr()
    with pytest.raises(SystemExit) as ended:
        main(["audit", "verify", "--json", "-w", str(workspace), *more])
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    return int(ended.value.code or 0), str(told["end"])


@contextmanager
def looked_at(office: Office) -> Iterator[list[int]]:
    """Somebody looks at people all along; gives how often, so far."""
    stop, looks = threading.Event(), [0]

    def look() -> None:
        while not stop.is_set():
            for somebody in (VRIES, BAKKER, VISSER):
                office.application.suggest(
                    office.citizen(somebody), language="nl", purpose=PURPOSE, by=KIM
                )
                looks[0] += 1

    looker = threading.Thread(target=look)
    looker.start()
    try:
        yield looks
    finally:
        stop.set()
        looker.join()


def back_up(office: Office, folder: Path) -> None:
    """First the database, then the rest."""
    home, address = office.workspace.folder, office.workspace.database
    if address.startswith("sqlite"):
        run("sqlite3", home / "voorzet.db", f".backup '{folder / 'copy.db'}'", cwd=folder)
    else:
        plain, dump = address.replace("+psycopg", ""), folder / "voorzet.dump"
        run("pg_dump", "--format=custom", f"--file={dump}", plain, cwd=folder)
    name = home.name
    without = (f"--exclude={name}/secrets", f"--exclude={name}/voorzet.db*")
    run("tar", *without, "-czf", folder / "data.tar.gz", name, cwd=home.parent)
    run("tar", "-czf", folder / "keys.tar.gz", f"{name}/secrets", cwd=home.parent)


def restore(office: Office, backup: Path, folder: Path, request: pytest.FixtureRequest) -> Path:
    """The workspace elsewhere, on a database of its own."""
    for archive in ("data.tar.gz", "keys.tar.gz"):
        run("tar", "-xzf", backup / archive, cwd=folder)
    home = folder / office.workspace.folder.name
    if office.workspace.database.startswith("sqlite"):
        shutil.copy(backup / "copy.db", home / "voorzet.db")
        address = f"sqlite:///{home / 'voorzet.db'}"
    else:
        cluster: Cluster = request.getfixturevalue("cluster")
        address = cluster.database()
        plain = address.replace("+psycopg", "")
        run("pg_restore", f"--dbname={plain}", backup / "voorzet.dump", cwd=folder)
    settings = (home / FILE).read_text(encoding="utf-8").splitlines()
    kept = [line for line in settings if not line.startswith("database")]
    (home / FILE).write_text("\n".join([f'database = "{address}"', *kept]) + "\n", encoding="utf-8")
    return home


@pytest.fixture(params=["sqlite", "postgresql"])
def office(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Office]:
    """An office in its own workspace's database, or in PostgreSQL."""
    for program in ("sqlite3", "tar") if request.param == "sqlite" else ("pg_dump", "pg_restore"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed here")
    address = None
    if request.param == "postgresql":
        address = request.getfixturevalue("cluster").database()
    made = Office(tmp_path / "office", crowd=30, database=address)
    yield made
    made.application.database.close()


def test_a_backup_taken_while_serving_is_whole_in_another_place(
    office: Office,
    tmp_path: Path,
    request: pytest.FixtureRequest,
    capsys: pytest.CaptureFixture[str],
) -> None:
    jansen, application = office.citizen(JANSEN), office.application
    card = application.suggest(jansen, language="nl", purpose=PURPOSE, by=KIM).cards[0]
    decided = application.decide(
        card.id, Outcome.OVERRIDDEN, by=KIM, language="nl", reason="does-not-want", comment="Later."
    )
    status, before = verified(office.workspace.folder, capsys)
    assert status == 0
    for name in ("backup", "elsewhere"):
        (tmp_path / name).mkdir()
    with looked_at(office) as looks:
        while looks[0] < 3:
            pass
        back_up(office, tmp_path / "backup")
    after = verified(office.workspace.folder, capsys)[1]

    home = restore(office, tmp_path / "backup", tmp_path / "elsewhere", request)
    shutil.rmtree(office.workspace.folder / "lake")  # nothing of the old place is read
    status, end = verified(home, capsys, "--kept", before)
    assert status == 0
    assert int(end.split(":")[0]) > int(before.split(":")[0])
    assert verified(home, capsys, "--kept", after)[0] == 2  # what came after the backup is missing
    with pytest.raises(SystemExit) as landed:
        main(["land", "-w", str(home)])
    assert not landed.value.code
    restored = bootstrap(Workspace.open(home), now=lambda: NOW)
    assert restored.ready().ready
    who = restored.person(jansen, language="nl", purpose=PURPOSE, by=KIM)
    assert who.name == JANSEN.name
    assert restored.decisions(jansen, language="nl", purpose=PURPOSE, by=KIM) == (decided,)
    shown = restored.suggest(jansen, language="nl", purpose=PURPOSE, by=KIM).cards
    assert card.service not in {one.service for one in shown}
    restored.database.close()
