"""A small town whose rules, take-up and help are known: for tests of models.

``allowance`` is for low incomes (income is unknown for some); who earns least claims least on
their own. ``pass`` is a plain next uptake that rises with age. ``rare`` is hardly ever granted.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from features.catalogue import Criterion, Objective, Service
from features.domain import (
    DerivedFact,
    Domain,
    EventType,
    Fact,
    FactType,
    Parameter,
    ParameterValue,
    Purpose,
    Sensitivity,
    Source,
)
from features.events import EVENTS
from features.facts import FACTS
from features.lake import Lake
from features.pack import Pack

START = datetime(2022, 1, 1, tzinfo=UTC)
MONTHS = 40
NOW = START + timedelta(days=round(MONTHS * 30.44))


def town_pack(**overrides: Service) -> Pack:
    """The town's pack; ``overrides`` replace services by id."""
    return Pack(
        folder=Path("town"),
        domain=_domain(),
        services=_services() | overrides,
        parameters={
            "norm": Parameter(
                title={"en": "norm"},
                unit="euro",
                values=(
                    ParameterValue(
                        valid_from=date(2000, 1, 1), value=25_000, year=2000, source="town"
                    ),
                ),
            )
        },
        checksum="town",
    )


def _domain() -> Domain:
    return Domain(
        id="town",
        title={"en": "Town"},
        organisation={"en": "Town hall"},
        languages=("en",),
        time_zone="Europe/Amsterdam",
        purposes={"support": Purpose(title={"en": "Support"}, legal_basis="the town's law")},
        sources={
            "hall": Source(
                title={"en": "Town hall"},
                legal_basis="the town's law",
                purposes=("support",),
                retention_days=3650,
            )
        },
        event_types={
            "granted": EventType(title={"en": "granted"}, role="granted"),
            "refused": EventType(title={"en": "refused"}, role="refused"),
            "letter": EventType(title={"en": "letter"}, role="outreach"),
            "visit": EventType(title={"en": "visit"}, role="contact"),
        },
        facts={
            "birth_date": Fact(title={"en": "birth date"}, type=FactType.DATE),
            "income": Fact(title={"en": "income"}, type=FactType.NUMBER, unit="euro"),
            "tenure": Fact(
                title={"en": "tenure"}, type=FactType.CATEGORY, categories=("rent", "own")
            ),
            "impaired": Fact(
                title={"en": "impaired"},
                type=FactType.BOOLEAN,
                sensitivity=Sensitivity.CRITERION_ONLY,
                legal_basis="the town's law",
            ),
        },
        derived={
            "age": DerivedFact(
                title={"en": "age"}, type=FactType.NUMBER, unit="years", years_since="birth_date"
            ),
            "earner": DerivedFact(
                title={"en": "earns"}, type=FactType.BOOLEAN, sql="income > norm AND age > 18"
            ),
        },
    )


def service(**given: object) -> Service:
    """A service with the texts that every one needs."""
    texts = {name: {"en": "A service"} for name in ("title", "description", "headline", "provider")}
    return Service.model_validate(texts | {"purpose": "support", "horizon_days": 90} | given)


def criterion(name: str, sql: str) -> Criterion:
    """A criterion with a sentence."""
    return Criterion(id=name, sql=sql, text={"en": name})


def _services() -> dict[str, Service]:
    low = criterion("low-income", "income < norm")
    adult = criterion("adult", "age >= 18")
    return {
        "allowance": service(criteria=(adult, low), lasts_days=200),
        "pass": service(criteria=(adult,), objective=Objective.UPTAKE, lasts_days=100),
        "rare": service(criteria=(adult, low)),
    }


def town_lake(folder: Path, *, citizens: int = 600, seed: int = 1) -> Lake:
    """The town's records over forty months, straight in a lake."""
    random = np.random.default_rng(seed)
    people = np.unique(random.integers(-(2**60), 2**60, citizens))
    income = random.gamma(4, 7_000, citizens)
    born = [
        date(1930, 1, 1) + timedelta(days=int(day)) for day in random.integers(0, 33_000, citizens)
    ]
    lake = Lake(str(folder), buckets=4)
    lake.append("facts", _facts(people, income, born, random))
    lake.append("events", _events(people, income, born, random))
    return lake


def _facts(
    people: np.ndarray, income: np.ndarray, born: list[date], random: np.random.Generator
) -> pl.DataFrame:
    told = random.random(len(people)) < 0.8
    rows = []
    for place, person in enumerate(people.tolist()):
        days = (born[place] - date(1970, 1, 1)).days
        rows.append((person, "birth_date", born[place].isoformat(), float(days)))
        if told[place]:
            rows.append((person, "income", f"{income[place]:.2f}", float(income[place])))
        tenure = int(income[place] > 30_000)
        rows.append((person, "tenure", ("rent", "own")[tenure], float(tenure)))
    return pl.DataFrame(
        [
            {
                "fact_id": f"{name}-{person}",
                "citizen": person,
                "name": name,
                "value": value,
                "number": number,
                "valid_from": START - timedelta(days=400),
                "valid_to": None,
                "known_at": START - timedelta(days=1),
                "source": "hall",
                "order": place,
            }
            for place, (person, name, value, number) in enumerate(rows)
        ],
        schema=FACTS,
    )


def _events(
    people: np.ndarray, income: np.ndarray, born: list[date], random: np.random.Generator
) -> pl.DataFrame:
    rows: list[tuple[int, str, str | None, datetime]] = []
    age = np.array([(START.date() - day).days / 365.25 for day in born])
    for month in range(MONTHS):
        day = START + timedelta(days=month * 30.44)
        when = [day + timedelta(hours=float(h)) for h in random.random(len(people)) * 600]
        adult = age + month / 12 >= 18
        claims = adult & (random.random(len(people)) < 0.08 * np.clip(income / 25_000, 0, 1))
        buys = adult & (random.random(len(people)) < 0.002 * np.exp(age / 25))
        visits = random.random(len(people)) < 0.1
        letters = random.random(len(people)) < 0.02
        for place in np.flatnonzero(claims):
            low = income[place] < 25_000
            kind = "granted" if low else "refused"
            rows.append((int(people[place]), kind, "allowance", when[place]))
        rows += [(int(people[p]), "granted", "pass", when[p]) for p in np.flatnonzero(buys)]
        rows += [(int(people[p]), "visit", None, when[p]) for p in np.flatnonzero(visits)]
        rows += [(int(people[p]), "letter", "allowance", when[p]) for p in np.flatnonzero(letters)]
    rows += [(int(people[p]), "granted", "rare", START + timedelta(days=300 + p)) for p in range(6)]
    return pl.DataFrame(
        [
            {
                "event_id": f"e{place}",
                "citizen": person,
                "type": kind,
                "occurred_at": at,
                "known_at": at + timedelta(days=2),
                "source": "hall",
                "case_type": case_type,
                "order": place,
            }
            for place, (person, kind, case_type, at) in enumerate(rows)
        ],
        schema_overrides=dict(EVENTS),
    ).select(
        *(
            pl.col(name)
            if name
            in {
                "event_id",
                "citizen",
                "type",
                "occurred_at",
                "known_at",
                "source",
                "case_type",
                "order",
            }
            else pl.lit(None, dtype=dtype).alias(name)
            for name, dtype in EVENTS.items()
        )
    )
