"""The audit's chain: what holds, what shows that it was touched, and many writers at once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import select, text, update

from serving.audit import Audit
from serving.audit_check import End, check_audit
from serving.bootstrap import bootstrap
from serving.cli import main
from serving.database import Database
from serving.erased_rows import erase_rows
from serving.schema import audit, audit_head
from serving.sealing import Sealing, SealingError
from serving.security import Caller, Role
from serving.trace_context import begin
from serving.workspace import Workspace
from tests.serving.office import PACK

KIM = Caller("kim", "Kim", frozenset({Role.CASEWORKER}))
SEALING = Sealing(b"k" * 32)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    at = f"sqlite:///{tmp_path / 'voorzet.db'}"
    if request.param == "postgresql":
        at = request.getfixturevalue("cluster").database()
    database = Database(at)
    database.migrate()
    record = Audit(database, SEALING).record
    for citizen in (11, -22, 11, 33):
        record("look", by=KIM, citizens=[citizen], purpose="work", detail={"query": "x"})
    record("compose campaign", by=KIM, purpose="work")
    yield database
    database.close()


def test_a_chain_that_nobody_touched_holds(database: Database) -> None:
    found = check_audit(database, SEALING)
    assert (found.broken, found.end.number, found.forgotten) == (None, 5, 0)
    assert End.parse(str(found.end)) == found.end


COPY = (
    "insert into audit (number, at, by, action, purpose, citizen, sealed, status, began, trace, "
    "span, previous, hash) select 3, at, by, action, purpose, citizen, sealed, status, began, "
    "trace, span, previous, hash from audit where number = 2"
)
MOVED = "update audit set number = -number where number > 2"
BACK = "update audit set number = 1 - number where number < 0"


@pytest.mark.parametrize(
    ("statements", "number"),
    [
        (["update audit set action = 'nothing' where number = 2"], 2),
        (["update audit set by = 'somebody' where number = 2"], 2),
        (["update audit set purpose = null where number = 2"], 2),
        (["update audit set at = '2020-01-01 00:00:00.000000' where number = 2"], 2),
        (["update audit set status = 'Error' where number = 3"], 3),
        (["update audit set trace = 'f' where number = 3"], 3),
        (["update audit set sealed = x'00' where number = 4"], 4),
        (["update audit set citizen = 33 where number = 1"], 1),
        (["update audit set citizen = 999 where number = 1"], 1),
        (["update audit set citizen = null where number = 1"], 5),
        (["update audit set citizen = 11 where number = 5"], 5),
        (["delete from audit where number = 2"], 2),
        (["delete from audit where number = 5"], 5),
        (["delete from audit"], 1),
        ([MOVED, COPY, BACK, "update audit_head set number = 6"], 3),
        (["update audit_head set hash = x'00'"], 6),
        (["update audit set at = 'never' where number = 4"], 1),
    ],
)
def test_what_was_changed_removed_or_put_in_is_found(
    database: Database, statements: list[str], number: int
) -> None:
    if not database.is_sqlite:
        if "never" in statements[0]:
            pytest.skip("PostgreSQL itself takes nothing for a moment that is none")
        statements = [one.replace("x'00'", "'\\x00'::bytea") for one in statements]
    with database.write() as connection:
        for statement in statements:
            connection.execute(text(statement))
    broken = check_audit(database, SEALING).broken
    assert broken is not None
    assert broken.number == number


def test_a_chain_made_anew_without_the_key_does_not_hold(database: Database) -> None:
    """Whoever has the database alone can work out every hash but the keyed ones."""
    previous = bytes(32)
    with database.write() as connection:
        for row in connection.execute(select(audit).order_by(audit.c.number)).all():
            said = json.dumps([row.number, "nothing happened"]).encode()
            link = sha256(previous + said).digest()
            change = {"action": "nothing happened", "previous": previous, "hash": link}
            connection.execute(update(audit).where(audit.c.number == row.number).values(change))
            previous = link
        connection.execute(update(audit_head).values(hash=previous))
    assert check_audit(database, SEALING).broken is not None
    with pytest.raises(SealingError):
        check_audit(database, Sealing(b"o" * 32))


def test_an_end_that_was_kept_elsewhere_shows_that_the_chain_was_set_back(
    database: Database,
) -> None:
    kept = check_audit(database, SEALING).end
    with database.write() as connection:
        connection.execute(text("delete from audit where number > 3"))
        connection.execute(
            text("update audit_head set number = 3, hash = (select hash from audit where number=3)")
        )
    assert check_audit(database, SEALING).broken is None
    for _ in range(3):
        broken = check_audit(database, SEALING, kept=kept).broken
        assert broken is not None
        Audit(database, SEALING).record("look", by=KIM, citizens=[1])


def test_after_an_erasure_the_chain_holds_and_no_more_may_be_nameless(database: Database) -> None:
    trail = Audit(database, SEALING)
    with database.write() as connection:
        gone = erase_rows(connection, [11])
        trail.forget(gone["audit"], by=KIM, within=connection)
    found = check_audit(database, SEALING)
    assert (found.broken, found.forgotten) == (None, 2)
    trail.record("look", by=KIM, citizens=[11])  # known again, under another key
    assert trail.check() is None
    with database.write() as connection:
        connection.execute(text("update audit set citizen = null where citizen = 33"))
    assert trail.check() is not None


def test_entries_bear_the_trace_of_the_request_and_a_span_of_their_own(
    database: Database,
) -> None:
    begin(f"00-{'ab' * 16}-{'12' * 8}-01")
    Audit(database, SEALING).record("look", by=KIM, citizens=[1, 2])
    with database.read() as connection:
        rows = connection.execute(select(audit).where(audit.c.number > 5)).all()
    assert {row.trace for row in rows} == {"ab" * 16}
    assert len({row.span for row in rows}) == 2
    for parent in (None, "", "nonsense", f"00-{'0' * 32}-{'12' * 8}-01", f"00-{'é' * 32}-a-01"):
        assert begin(parent).trace != "ab" * 16


def test_writers_take_turns_and_a_citizen_gets_one_key(database: Database) -> None:
    trail = Audit(database, SEALING)

    def look(number: int) -> None:
        trail.record("look", by=KIM, citizens=[number % 3, 100 + number], purpose="work")

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(look, range(30)))
    found = check_audit(database, SEALING)
    assert (found.broken, found.end.number) == (None, 65)


def test_the_command_says_whether_the_audit_holds(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    workspace = Workspace.init(tmp_path / "office", PACK)
    parts = bootstrap(workspace)
    for _ in range(3):
        parts.audit.record("look", by=KIM, citizens=[11], purpose="support")

    def verify(*more: str) -> tuple[int, dict[str, object]]:
        with pytest.raises(SystemExit) as ended:
            main(["audit", "verify", "--json", "--workspace", str(workspace.folder), *more])
        said = capsys.readouterr().out
        return int(ended.value.code or 0), json.loads(said) if said else {}

    status, told = verify()
    assert (status, told["holds"], told["entries"]) == (0, True, 3)
    assert verify("--kept", str(told["end"]))[0] == 0
    assert verify("--kept", "nonsense") == (1, {})
    with parts.database.write() as connection:
        connection.execute(text("update audit set by = 'nobody' where number = 2"))
    parts.database.close()
    status, told = verify()
    assert (status, told["holds"], told["brokenAt"]) == (2, False, 2)
