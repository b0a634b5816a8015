"""The algorithm register's record: its fields, their limits, and what is still to be said."""

from __future__ import annotations

from datetime import UTC, datetime

from features.catalogue import Objective
from models.bundle import Bundle
from models.cards import algorithm_register
from models.cards.algorithm_register import LONGEST, MANDATORY
from models.heads import Head, Prior
from models.matrix import Columns
from tests.models.town import town_pack


def _bundle(**metrics: float) -> Bundle:
    return Bundle(
        pack="town",
        pack_checksum="p",
        trained_at=datetime(2025, 3, 1, tzinfo=UTC),
        columns=Columns(("age",)),
        heads={"pass": Head("pass", Objective.UPTAKE, 90, "granted", Prior(0.1, 0.1))},
        metrics=dict(metrics),
        evaluation={"leaks": []},
    )


def test_it_is_made_of_what_was_measured_and_what_the_pack_says() -> None:
    record = algorithm_register(_bundle(auc=0.8123, calibration_error=0.0123), town_pack())
    assert record["Organisatie"] == "Town hall"
    assert record["Begindatum"] == "2025-03"
    assert "0.812" in record["Risicobeheer"]
    assert "0.012" in record["Risicobeheer"]
    assert "the town's law" in record["Wettelijke basis"]
    assert "impaired" in record["Gegevens"].split("Nooit gebruikt")[1]


def test_what_was_not_measured_is_not_claimed() -> None:
    assert "AUC" not in algorithm_register(_bundle(), town_pack())["Risicobeheer"]


def test_it_names_the_mandatory_fields_that_are_still_open() -> None:
    assert algorithm_register(_bundle(), town_pack())["Open"] == ["Contactgegevens"]
    record = algorithm_register(_bundle(), town_pack(), contact="algorithms@town.example")
    assert record["Open"] == []
    assert all(record[name] for name in MANDATORY)


def test_no_text_is_longer_than_the_register_takes() -> None:
    record = algorithm_register(_bundle(), town_pack())
    assert all(len(record.get(name, "")) <= longest for name, longest in LONGEST.items())
