"""The linker as a whole, on the simulated register and a silo that knows people by name."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from features.errors import VoorzetError
from features.lake import Lake
from features.linkage.explaining import explained
from features.linkage.linking import Linked, link
from features.linkage.persons import PERSONS, prepared
from features.linkage.splink_linker import candidates, learn
from features.linkage.undoing import unlink
from features.linkage.weighing import weighed
from features.matches import standing
from tests.features.linkage.test_resolving import PACK
from tests.features.linkage.two_silos import TwoSilos, two_silos
from tests.features.silos import NOW, town

STRICT = 0.99
LATER = datetime(2027, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def silos() -> TwoSilos:
    return two_silos()


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return Lake(str(tmp_path_factory.mktemp("lake")), buckets=4)


@pytest.fixture(scope="module")
def found(silos: TwoSilos, lake: Lake) -> Linked:
    return link(pl.concat([silos.silo, silos.register]), lake, PACK, now=NOW)


@pytest.fixture(scope="module")
def matches(found: Linked, lake: Lake, silos: TwoSilos) -> pl.DataFrame:
    """The matches, with whether each is true."""
    truth = silos.truth.with_columns(true=pl.lit(True))
    rows = lake.scan("matches").collect().join(truth, on=["alias", "citizen"], how="left")
    return rows.with_columns(pl.col("true").fill_null(False))


@pytest.mark.slow("learns a model from a million random pairs")
def test_at_the_strict_threshold_nearly_every_match_is_true(
    matches: pl.DataFrame, silos: TwoSilos
) -> None:
    """Of 1,500 people in both and 300 strangers: more than 99.5% true, more than 80% found."""
    sure = matches.filter(pl.col("probability") >= STRICT)
    assert sure["true"].mean() > 0.995
    assert sure["true"].sum() > 0.8 * silos.truth.height
    assert matches["true"].sum() > 0.97 * silos.truth.height  # that candidates are made of


@pytest.mark.slow("learns a model from a million random pairs")
def test_a_stricter_threshold_is_no_less_precise(matches: pl.DataFrame) -> None:
    shares = [
        matches.filter(pl.col("probability") >= least)["true"].mean()
        for least in (0.01, 0.5, 0.9, 0.99)
    ]
    assert shares == sorted(shares)
    assert shares[0] < shares[-1]  # the false ones are kept too, with what they weigh


@pytest.mark.slow("learns a model from a million random pairs")
def test_the_order_of_persons_changes_nothing(silos: TwoSilos, found: Linked) -> None:
    mixed = [
        prepared(side.sample(fraction=1, shuffle=True, seed=5))
        for side in (silos.silo, silos.register)
    ]
    model = learn(*mixed)
    assert model == found.model
    straight = candidates(prepared(silos.silo), prepared(silos.register), found.model)
    assert candidates(*mixed, model).equals(straight)


@pytest.mark.slow("learns a model from a million random pairs")
def test_a_run_again_writes_nothing(found: Linked, lake: Lake, silos: TwoSilos) -> None:
    persons = pl.concat([silos.register, silos.silo])
    again = link(persons, lake, PACK, now=LATER, model=found.model)
    assert (found.written > 1000, again.written, again.pairs) == (True, 0, found.pairs)


@pytest.mark.slow("learns a model from a million random pairs")
def test_who_was_separated_is_no_candidate_any_more(
    found: Linked, silos: TwoSilos, tmp_path: Path
) -> None:
    lake = Lake(str(tmp_path), buckets=4)
    persons = pl.concat([silos.silo, silos.register])
    link(persons, lake, PACK, now=NOW, model=found.model)
    best = lake.scan("matches").sort("probability", "alias", descending=True).collect().row(0)
    unlink(lake, best[0], best[1], source="desk", now=NOW)
    link(persons, lake, PACK, now=LATER, model=found.model)
    pairs = standing(lake.scan("matches").collect()).select("alias", "citizen").rows()
    assert best[:2] not in pairs


def among_all(silos: TwoSilos, silo: list[tuple], register: list[tuple]) -> list[pl.DataFrame]:
    """The few of a test among the many: how rare a name is, is counted over all."""
    few = [pl.DataFrame(side, schema=PERSONS, orient="row") for side in (silo, register)]
    return [
        prepared(pl.concat(both)) for both in zip((silos.silo, silos.register), few, strict=True)
    ]


@pytest.mark.slow("learns a model from a million random pairs")
def test_namesakes_born_on_one_day_are_nobodys_match(found: Linked, silos: TwoSilos) -> None:
    """Twins with the same initial at one address, and a silo that wrote the initial."""
    born, home = date(1990, 5, 17), "Dorpsstraat 9"
    twins = [(90_001, "Sanne Prins"), (90_002, "Saskia Prins"), (90_003, "Bram Prins")]
    register = [(one, "bsn", name, born, home, "1234 AB") for one, name in twins]
    silo = [
        (-1, "client", "S. Prins", born, home, "1234AB"),
        (-2, "client", "Sanne Prins", born, home, "1234AB"),
    ]
    sides = among_all(silos, silo, register)
    pairs = candidates(*sides, found.model)
    schemes = pl.DataFrame({"alias": [-1, -2], "scheme": ["client", "client"]})
    chance = {
        row[:2]: row[2]
        for row in weighed(pairs, found.model, schemes, NOW)
        .select("alias", "citizen", "probability")
        .rows()
    }
    assert chance[-1, 90_001] < 0.5
    assert chance[-1, 90_002] < 0.5
    assert chance[-2, 90_001] > 0.8
    levels = pairs.filter(pl.col("alias") == -1, pl.col("citizen") == 90_001).row(0, named=True)
    told = {name: levels[name] for name in ("family", "given", "born", "place")}
    assert told == {"family": "same", "given": "initial", "born": "same", "place": "same"}


@pytest.mark.slow("learns a model from a million random pairs")
def test_a_slip_of_the_pen_is_told_from_a_difference(found: Linked, silos: TwoSilos) -> None:
    register = [
        (90_001, "bsn", "Jan van der Meer", date(1957, 2, 1), "Kerkstraat 1", "1234 AB"),
        (90_002, "bsn", "Anna Jansen-de Vries", date(1980, 11, 30), "Kerkstraat 2", "1234 AC"),
    ]
    silo = [
        (-1, "client", "Meer, J. van der", date(1957, 1, 2), "Kerkstraat 1", "1234 AB"),
        (-2, "client", "Anna de Vries", date(1980, 11, 30), "Molenweg 5", "9876 ZZ"),
    ]
    sides = among_all(silos, silo, register)
    pairs = candidates(*sides, found.model).filter(pl.col("citizen") > 90_000)
    rows = pairs.filter(pl.col("alias") > -10).select(
        "alias", "citizen", "family", "given", "born", "place"
    )
    assert rows.rows() == [
        (-2, 90_002, "shared", "same", "same", "other"),
        (-1, 90_001, "same", "initial", "swapped", "same"),
    ]


@pytest.mark.slow("learns a model from a million random pairs")
def test_no_value_of_anyone_reaches_lake_or_explanation(
    found: Linked, lake: Lake, silos: TwoSilos, matches: pl.DataFrame
) -> None:
    files = b"".join(file.read_bytes() for file in Path(lake.uri).rglob("*") if file.is_file())
    texts = " ".join(
        value for column in matches.select(pl.selectors.string()) for value in column.unique()
    )
    row = matches.sort("probability").row(-1, named=True)
    texts += " ".join(line for said in ("nl", "en") for line in explained(row, 0, PACK, said))
    texts += found.model.to_json()
    names = {word for name in silos.register["name"] for word in name.split() if len(word) > 4}
    for value in (*names, *silos.register["postcode"].unique(), "1957-", "1980-"):
        assert value not in texts
        assert value.casefold().encode() not in files


def test_the_explanation_says_in_words_what_weighed() -> None:
    match = {
        "prior": -11.5,
        "weight": 25.25,
        "probability": 0.9931,
        "contributions": '{"family": ["same", 6.5], "given": ["initial", 2.0], '
        '"born": ["swapped", 9.0], "place": [null, 0.0]}',
    }
    assert explained(match, 2, PACK, "en") == [
        "The start, before anything is compared: -11.5 bits.",
        "Compared family name: the same, +6.5 bits.",
        "Compared first name or initial: the same first letter, +2.0 bits.",
        "Compared date of birth: day and month swapped, +9.0 bits.",
        "There is no address to compare: 0 bits.",
        "Together +13.8 bits. That is a chance of 99.31% that this is the same person, beside "
        "the 2 others that it could be.",
        "This counts for: A purpose, A purpose, A purpose.",
    ]
    dutch = explained(match, 2, PACK, "nl")
    assert dutch[1] == "Vergeleken achternaam: gelijk, +6,5 bits."
    assert "99,31%" in dutch[5]


def test_too_few_people_to_learn_from_is_said(tmp_path: Path) -> None:
    rows = [(1, "bsn", "A B", date(1990, 1, 1), None, None), (2, "client", "A B", None, None, None)]
    persons = pl.DataFrame(rows, schema=PERSONS, orient="row")
    with pytest.raises(VoorzetError, match="0 people could be recognised in both"):
        link(persons, Lake(str(tmp_path)), town(), now=NOW)


NOT_INSTALLED = """
import sys
sys.modules["splink"] = None
import polars as pl
from features.errors import VoorzetError
from features.linkage.persons import PERSONS, prepared
from features.linkage.splink_linker import learn
from datetime import date
people = [(n, "bsn", f"A{n} B", date(1990, 1, 1), None, None) for n in range(40)]
side = prepared(pl.DataFrame(people, schema=PERSONS, orient="row"))
try:
    learn(side, side)
except VoorzetError as fault:
    print(fault)
"""


def test_without_the_extra_it_says_how_to_install_it() -> None:
    done = subprocess.run(
        [sys.executable, "-c", NOT_INSTALLED],
        cwd=Path(__file__).resolve().parents[3],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "voorzet[linkage]" in done.stdout


WATCHED = """
import os, sys
opened = set()
def watch(event, given):
    writes = event == "open" and given[2] & (os.O_WRONLY | os.O_RDWR)
    if writes and isinstance(given[0], (str, bytes)):
        opened.add(os.fsdecode(given[0]))
    if event == "socket.connect":
        opened.add("socket")
sys.addaudithook(watch)
from features.linkage.persons import prepared
from features.linkage.splink_linker import candidates, learn
from tests.features.linkage.two_silos import two_silos
sides = [prepared(side) for side in (lambda w: (w.silo, w.register))(two_silos(800, 500, 50))]
os.chdir(sys.argv[1])
opened.clear()
pairs = candidates(*sides, learn(*sides)).height
print(pairs, sorted(name for name in opened if "__pycache__" not in name))
"""


@pytest.mark.slow("starts Python again and learns a model")
def test_linking_writes_no_file_and_opens_no_connection(tmp_path: Path) -> None:
    """Python's own opens are watched; DuckDB's are looked for where they would fall."""
    here, temporary = tmp_path / "here", tmp_path / "temporary"
    here.mkdir()
    temporary.mkdir()
    root = str(Path(__file__).resolve().parents[3])
    done = subprocess.run(
        [sys.executable, "-c", WATCHED, str(here)],
        cwd=root,
        env=os.environ | {"TMPDIR": str(temporary), "PYTHONPATH": root},
        capture_output=True,
        text=True,
        check=True,
    )
    pairs, _, opened = done.stdout.strip().partition(" ")
    assert int(pairs) > 300
    assert opened == "[]"
    assert list(here.rglob("*")) == []
    assert list(temporary.rglob("*")) == []
    assert done.stderr == ""


def test_a_pack_may_not_ask_for_less_than_a_half() -> None:
    from pydantic import ValidationError

    from features.domain import Purpose

    said = {"title": {"en": "A"}, "legal_basis": "an act"}
    with pytest.raises(ValidationError):
        Purpose.model_validate(said | {"link_probability": 0.5})
    assert Purpose.model_validate(said).link_probability is None
