"""Linking in a workspace: from the vault's names to figures in the lake, and back again."""

from __future__ import annotations

import copy
import json
import random
import shutil
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from serving.bootstrap import bootstrap
from serving.cli import main
from serving.errors import NotAllowedError
from serving.identity_parts import PARTS, own_part, taken_in, without_strangers
from serving.security import Caller, Role
from serving.standpoint import LakeView
from serving.workspace import Workspace
from tests.serving.office import KIM, PACK, bsn
from tests.serving.test_identities import ADMIN, House, house

__all__ = ["house"]

LIBRARY = {
    "source": "library",
    "files": [
        {
            "name": "members",
            "path": "library/members*.csv",
            "format": "csv",
            "subject": {"column": "card", "scheme": "card"},
            "identity": {"name": "name", "birth_date": "born", "address": "street"},
            "events": [{"type": {"const": "called"}, "occurred_at": {"column": "at"}}],
        },
        {
            "name": "numbers",
            "path": "library/numbers*.csv",
            "format": "csv",
            "subject": {"column": "card", "scheme": "card"},
            "links": [{"column": "bsn", "scheme": "bsn"}],
        },
    ],
}
"""A silo that knows its people by a card, a name and a date of birth."""
GIVEN = (
    "Anna",
    "Bram",
    "Cornelia",
    "Dirk",
    "Esther",
    "Frank",
    "Gerrit",
    "Hanna",
    "Ingrid",
    "Jesse",
)
FAMILY = (
    "Zandvoort", "Yperlaan", "Wagemaker", "Verhoeven", "Uitenboom", "Timmerdorp", "Schaapsveld",
    "Roodenburg", "Quakkelaar", "Poelgeest",
)  # fmt: skip
PEOPLE = 120
"""Of the register; the first half of them are in the library too."""


def _pack(folder: Path) -> Path:
    pack = Path(shutil.copytree(PACK, folder / "pack"))
    domain = yaml.safe_load((pack / "domain.yaml").read_text("utf-8"))
    domain["identifiers"]["card"] = "opaque"
    domain["purposes"]["support"]["link_probability"] = 0.9
    domain["sources"]["library"] = copy.deepcopy(domain["sources"]["desk"])
    (pack / "domain.yaml").write_text(yaml.safe_dump(domain, allow_unicode=True), "utf-8")
    (pack / "sources/library.yaml").write_text(yaml.safe_dump(LIBRARY), "utf-8")
    return pack


def _deliver(silos: Path) -> None:
    draw = random.Random(3)
    register = ["bsn,name,born,city,street,phone,hidden,income,savings,home,disabled,since,known"]
    library = ["card,name,born,street,at"]
    for place in range(PEOPLE):
        given, family = draw.choice(GIVEN), draw.choice(FAMILY)
        born = date(1950, 1, 1) + timedelta(days=draw.randrange(20_000))
        street = f"Kerkstraat {place}"
        register.append(
            f'{bsn(place)},"{family}, {given}",{born},Stad,{street},,false,1000,,rent,false,'
            "2025-01-01,2025-02-20"
        )
        if place < PEOPLE // 2:
            library.append(f"K{place},{given[0]}. {family},{born},{street},2026-01-01T10:00:00")
    for name, lines in {"register/people.csv": register, "library/members.csv": library}.items():
        path = silos / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(lines) + "\n", "utf-8")


def run(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """The JSON object that a command prints last."""
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    said = capsys.readouterr()
    assert not ended.value.code, said.err
    found = json.loads(said.out.strip().splitlines()[-1])
    assert isinstance(found, dict)
    return found


@pytest.fixture
def workspace(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Workspace:
    made = Workspace.init(tmp_path / "w", _pack(tmp_path), buckets=4)
    _deliver(made.silos)
    run(["ingest", "--data", str(made.silos), "-w", str(made.folder), "--json"], capsys)
    return made


@pytest.mark.slow("learns a model")
def test_a_person_is_linked_explained_and_unlinked(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = str(workspace.folder)
    found = run(["link", "-w", folder, "--json"], capsys)
    assert (found["aliases"], found["citizens"]) == (PEOPLE // 2, PEOPLE)
    assert found["counts"]["support"] > 0.9 * PEOPLE // 2
    assert found["counts"]["mobility"] is None
    assert run(["link", "-w", folder, "--json"], capsys)["written"] == 0

    alias = workspace.pseudonyms().one("card", "K7")
    citizen = workspace.pseudonyms().one("bsn", bsn(7))
    parts = bootstrap(workspace)

    def seen(purpose: str) -> list[str]:
        asked = {"language": "en", "purpose": purpose, "by": KIM, "sources": None, "since": None}
        anew = replace(parts.timelines, lakes=LakeView(workspace.open_lake))
        entries = anew.timeline(citizen, **asked).entries
        return [one.title for one in entries if one.kind == "event"]

    assert seen("support") == ["Called"]
    assert seen("mobility") == []
    told = run(["link", "-w", folder, f"--explain={alias}", "--language", "en", "--json"], capsys)
    best = told["candidates"][0]
    assert best["citizen"] == str(citizen)
    assert "Compared date of birth: the same" in " ".join(best["why"])
    assert "This counts for: Support." in best["why"]

    undone = run(["unlink", "-w", folder, f"--alias={alias}", "--json"], capsys)
    assert undone["apartFrom"] == [str(citizen)]
    assert seen("support") == []
    run(["link", "-w", folder, "--json"], capsys)
    assert seen("support") == []
    told = run(["link", "-w", folder, f"--explain={alias}", "--json"], capsys)
    assert str(citizen) not in [one["citizen"] for one in told["candidates"]]
    actions = [look.action for look in parts.audit.looks(citizen, by=KIM)]
    assert {"explain link", "unlink"} <= set(actions)
    parts.database.close()

    files = [file for file in workspace.folder.rglob("*") if file.is_file()]
    for file in files:
        if "silos" not in file.parts:
            content = file.read_bytes()
            assert not [name for name in FAMILY if name.encode() in content], file


def test_a_link_by_number_is_undone_in_lake_and_vault(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    """The library's crosswalk was wrong, and its later delivery told of a stranger."""
    folder, library = str(workspace.folder), workspace.silos / "library"
    (library / "numbers.csv").write_text(f"card,bsn\nK7,{bsn(100)}\n", "utf-8")
    late = "card,name,born,street,at\nK7,P. Vreemd,1999-09-09,Elders 1,2026-02-01T10:00:00\n"
    (library / "members-2.csv").write_text(late, "utf-8")
    for _ in range(2):  # the link stands after the first
        run(["ingest", "--data", str(library.parent), "-w", folder, "--json"], capsys)
    (library / "members-3.csv").write_text(late.replace("02-01", "03-01"), "utf-8")
    run(["ingest", "--data", str(library.parent), "-w", folder, "--json"], capsys)

    parts = bootstrap(workspace)
    alias = workspace.pseudonyms().one("card", "K7")
    citizen = workspace.pseudonyms().one("bsn", bsn(100))

    def name_of(one: int) -> str | None:
        return parts.vault.read([one], purpose="support", by=KIM)[one].name

    lake = workspace.open_lake()
    assert lake.citizen("events", citizen).height == 3
    assert name_of(citizen) == "P. Vreemd"
    for _ in range(2):
        run(["unlink", "-w", folder, f"--alias={alias}", "--json"], capsys)
        lake.refresh()
        assert lake.citizen("events", citizen).is_empty()
        assert lake.citizen("events", alias).height == 3
        assert str(name_of(citizen)).partition(",")[0] in FAMILY
        assert name_of(alias) == "P. Vreemd"
    assert parts.vault.find_number(bsn(100)) == citizen
    parts.database.close()


def test_only_an_administrator_reads_everybody(house: House) -> None:
    with pytest.raises(NotAllowedError):
        list(house.vault.everybody(by=KIM))
    assert {one.citizen for one in house.vault.everybody(by=ADMIN)} == {11, -22, 33}
    assert isinstance(ADMIN, Caller)
    assert Role.ADMIN in ADMIN.roles


FIELDS = st.dictionaries(st.sampled_from(["name", "phone", "city"]), st.sampled_from("abc"))


@given(FIELDS, FIELDS, FIELDS)
def test_splitting_gives_each_what_was_told_of_them(
    own: dict[str, str], first: dict[str, str], second: dict[str, str]
) -> None:
    record: dict[str, Any] = taken_in({}, own, 1)
    for told in (first, second):
        record = taken_in(record, told | {"delivered_as": 2}, 1)
    left, moved = without_strangers(record, 1, lambda told: told)
    assert left == own
    assert own_part(record, 1) == (own or record)
    ((end, part),) = moved
    assert end == 2
    assert taken_in({}, part, 2) == first | second
    assert without_strangers(left, 1, lambda told: told) == (left, [])


def test_a_part_whose_alias_is_still_the_citizen_stays() -> None:
    record = taken_in({"name": "A"}, {"name": "B", "delivered_as": 2}, 1)
    assert without_strangers(record, 1, lambda told: [1 for _ in told]) == (record, [])
    assert set(record[PARTS]) == {"1", "2"}


def test_the_vault_takes_a_citizen_delivered_under_two_names(house: House) -> None:
    told = pl.DataFrame(
        {"citizen": [11, 11], "delivered_as": [11, 5], "name": ["Jansen, Anna", "Vreemd, P."]}
    )
    assert house.vault.store(told) == 1
    assert house.vault.store(told) == 0
    assert house.vault.settle([11], lambda told: told, by=ADMIN) == 1
    found = house.vault.read([11, 5], purpose="work", by=KIM)
    assert (found[11].name, found[5].name) == ("Jansen, Anna", "Vreemd, P.")
    assert found[11].address == "Dorpsstraat 1"
    assert house.vault.settle([11], lambda told: told, by=ADMIN) == 0
