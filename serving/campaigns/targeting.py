"""By what a campaign's pool is ordered: by uplift where that was shown to tell people apart, and
otherwise by need or by chance, saying so.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import isfinite
from typing import Any, Literal, Protocol

import polars as pl

from features.catalogue import Objective
from features.domain import Text
from models.matrix import Columns
from models.objectives import Pursued, pursued
from models.population import ScoredBucket
from models.uplift import ArmFinding, Conclusion, UpliftModel, conclude
from serving.campaigns.trials import Trials

By = Literal["need", "uplift", "random"]
Why = Literal["signal", "no-signal", "too-few", "no-campaigns", "asked"]


class Order(Protocol):
    """Scores people who could be approached; the highest are approached first."""

    def scores(self, bucket: ScoredBucket) -> pl.DataFrame:
        """citizen, score: of everyone in the bucket, or an empty frame where need decides."""


@dataclass(frozen=True)
class ByNeed:
    """Most unmet need first."""

    def scores(self, bucket: ScoredBucket) -> pl.DataFrame:
        """Nothing beside need."""
        return SCORES.to_frame()


@dataclass(frozen=True)
class AtRandom:
    """By lot among those with unmet need."""

    seed: int

    def scores(self, bucket: ScoredBucket) -> pl.DataFrame:
        """A number that depends on the citizen and the seed alone."""
        citizen = bucket.snapshot.signals["citizen"]
        drawn = citizen.hash(seed=self.seed).cast(pl.Float64)
        return pl.DataFrame({"citizen": citizen, "score": drawn}, schema=SCORES)


@dataclass(frozen=True)
class ByUplift:
    """Who gains most from being approached first."""

    model: UpliftModel
    columns: Columns

    def scores(self, bucket: ScoredBucket) -> pl.DataFrame:
        """What the approach is expected to add, in outcomes per person."""
        signals = bucket.snapshot.signals.select("citizen", *self.columns.names)
        expected = self.model.score(self.columns.matrix(signals))
        return pl.DataFrame({"citizen": signals["citizen"], "score": expected}, schema=SCORES)


SCORES = pl.Schema({"citizen": pl.Int64, "score": pl.Float64})


@dataclass(frozen=True)
class Targeting:
    """What a pool is ordered by, and why.

    Parameters
    ----------
    asked, by
        What was asked for and what is done; they differ when uplift cannot be targeted.
    finding
        What earlier campaigns by this channel showed; None when there were none, or nobody asked.
    cost
        Of one approach by this channel, in euro; None when the pack does not say.
    """

    asked: By
    by: By
    why: Why
    order: Order = field(default_factory=ByNeed)
    campaigns: int = 0
    finding: ArmFinding | None = None
    conclusion: Conclusion | None = None
    cost: float | None = None

    @property
    def pursued(self) -> Pursued:
        """The objective asked for and used."""
        asked = Objective.UPLIFT if self.asked == "uplift" else Objective.UNMET_NEED
        abstains = self.asked == "uplift" and self.by != "uplift"
        return pursued(asked, uplift=self.sentence("en") if abstains else None)

    def as_dict(self) -> dict[str, Any]:
        """For the campaign's record and for JSON."""
        return {
            "asked": self.asked,
            "by": self.by,
            "why": self.why,
            "campaigns": self.campaigns,
            "finding": self.finding.as_dict() if self.finding else None,
            "learner": self.conclusion.learner if self.conclusion else None,
            "cost": self.cost,
        }

    def sentence(self, language: str) -> str:
        """By what people are chosen, in plain words."""
        text = SENTENCES[self.why]
        instead = INSTEAD[self.by]
        detectable = self.finding.detectable if self.finding else float("nan")
        people = self.finding.treated + self.finding.control if self.finding else 0
        return text.get(language, text["en"]).format(
            instead=instead.get(language, instead["en"]),
            campaigns=self.campaigns,
            people=people,
            points=f"{100 * detectable:.0f}",
        )

    def expected(self, capacity: int, language: str) -> str | None:
        """What approaching ``capacity`` people is expected to add and to cost, with the range;
        None when no earlier campaign tells.
        """
        if self.finding is None or not isfinite(self.finding.effect.low):
            return None
        effect = self.finding.effect
        said = EXPECTED.get(language, EXPECTED["en"]).format(
            capacity=capacity,
            value=f"{capacity * effect.value:.0f}",
            low=f"{capacity * effect.low:.0f}",
            high=f"{capacity * effect.high:.0f}",
        )
        if self.cost is None:
            return said
        each = self.cost / effect.value if effect.value > 0 and effect.low > 0 else None
        costs = COSTS.get(language, COSTS["en"]).format(total=f"{capacity * self.cost:,.0f}")
        per = PER_EXTRA.get(language, PER_EXTRA["en"]).format(each=f"{each:,.0f}") if each else ""
        return said + costs + per


def targeting(
    asked: By, found: Trials | None, channel: str, *, otherwise: By, seed: int, cost: float | None
) -> Targeting:
    """What to order a pool by.

    Parameters
    ----------
    found
        Earlier campaigns of the service; asked only for uplift.
    otherwise
        What to do when there is no signal to target by: ``need`` or ``random``.
    """
    if asked != "uplift" or found is None:
        return Targeting(asked, asked, "asked", _plain(asked, seed), cost=cost)
    if found.experiment is None or channel not in found.experiment.arms:
        order = _plain(otherwise, seed)
        return Targeting(asked, otherwise, "no-campaigns", order, found.campaigns, cost=cost)
    concluded = conclude(found.experiment)
    finding = concluded.finding(channel)
    model = concluded.models.get(channel)
    shown = model is not None
    return Targeting(
        asked,
        "uplift" if shown else otherwise,
        finding.why if finding else "no-campaigns",
        ByUplift(model, found.columns) if model is not None else _plain(otherwise, seed),
        found.campaigns,
        finding,
        concluded,
        cost,
    )


def _plain(by: By, seed: int) -> Order:
    return AtRandom(seed) if by == "random" else ByNeed()


INSTEAD: dict[By, Text] = {
    "need": {
        "en": "The people with most unmet need come first.",
        "nl": "Wie de voorziening het meest nodig heeft, komt eerst.",
    },
    "random": {
        "en": "Chance decides who comes first, among all with unmet need.",
        "nl": "Het lot bepaalt wie eerst komt, onder allen die de voorziening nodig hebben.",
    },
    "uplift": {
        "en": "Those whom it is expected to move most come first.",
        "nl": "Wie er naar verwachting het meest aan heeft, komt eerst.",
    },
}
SENTENCES: dict[Why, Text] = {
    "asked": {"en": "{instead}", "nl": "{instead}"},
    "signal": {
        "en": (
            "Earlier campaigns ({campaigns}, {people} people drawn by lot) show that this approach "
            "moves some people more than others. {instead} Look at whom that misses."
        ),
        "nl": (
            "Eerdere campagnes ({campaigns}, {people} mensen door loting verdeeld) laten zien dat "
            "deze aanpak bij de een meer doet dan bij de ander. {instead} Kijk wie dat mist."
        ),
    },
    "no-signal": {
        "en": (
            "Earlier campaigns ({campaigns}, {people} people drawn by lot) do not show that this "
            "approach moves some people more than others, so nobody is chosen by that. A "
            "difference of {points} in 100 between one half and the other would likely have been "
            "seen. {instead}"
        ),
        "nl": (
            "Eerdere campagnes ({campaigns}, {people} mensen door loting verdeeld) laten niet zien "
            "dat deze aanpak bij de een meer doet dan bij de ander. Daarom wordt daar niet op "
            "gekozen. Een verschil van {points} op de 100 tussen de ene en de andere helft was "
            "waarschijnlijk gezien. {instead}"
        ),
    },
    "too-few": {
        "en": (
            "Too few people were drawn by lot in earlier campaigns ({people}) to learn whom this "
            "approach moves. {instead}"
        ),
        "nl": (
            "In eerdere campagnes zijn te weinig mensen door loting verdeeld ({people}) om te "
            "leren bij wie deze aanpak werkt. {instead}"
        ),
    },
    "no-campaigns": {
        "en": (
            "No earlier campaign by this channel, drawn by lot and finished, tells whom it moves. "
            "{instead}"
        ),
        "nl": (
            "Er is nog geen eerdere campagne via dit kanaal, door loting verdeeld en afgelopen, "
            "die laat zien bij wie het werkt. {instead}"
        ),
    },
}
EXPECTED: Text = {
    "en": (
        "Of {capacity} people approached, {value} more are expected to get it than without "
        "(between {low} and {high})."
    ),
    "nl": (
        "Van {capacity} benaderde mensen krijgen er naar verwachting {value} meer de voorziening "
        "dan zonder (tussen {low} en {high})."
    ),
}
COSTS: Text = {"en": " It costs € {total}.", "nl": " Het kost € {total}."}
PER_EXTRA: Text = {
    "en": " That is € {each} for each person more.",
    "nl": " Dat is € {each} per persoon extra.",
}
