"""What a campaign caused: everyone counts in the arm they were drawn into."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import polars as pl

from features.domain import Text
from features.pack import Pack
from features.service_history import service_events
from monitoring.fairness import SMALLEST
from monitoring.intervals import Estimate, newcombe, wilson
from serving.campaigns.drawing import APPROACH
from serving.phrases import number_text


@dataclass(frozen=True, slots=True)
class Arm:
    """One arm: how many people, how many of them got the service within the horizon."""

    n: int
    hits: int
    rate: Estimate

    @property
    def is_small(self) -> bool:
        """Whether the people, those who got it, or those who did not, are too few to show."""
        return self.n < SMALLEST or any(
            0 < count < SMALLEST for count in (self.hits, self.n - self.hits)
        )

    def as_dict(self) -> dict[str, object]:
        """For JSON."""
        return {"n": self.n, "hits": self.hits, "rate": self.rate.as_dict()}


@dataclass(frozen=True, slots=True)
class Effect:
    """The effect of one approach on the uptake of one service, by intention to treat.

    Parameters
    ----------
    difference
        Rate when approached minus rate when held out, Newcombe's 95% interval.
    days
        How long outcomes were followed: the service's horizon, or less when it is not over yet.
    mature
        Whether the horizon is over, so that the figures are final.
    """

    service: str
    channel: str
    approached: Arm
    held_out: Arm
    difference: Estimate
    days: int
    mature: bool

    def as_dict(self) -> dict[str, object]:
        """For JSON."""
        return {
            "service": self.service,
            "channel": self.channel,
            "approached": self.approached.as_dict(),
            "heldOut": self.held_out.as_dict(),
            "difference": self.difference.as_dict(),
            "days": self.days,
            "mature": self.mature,
        }

    def sentence(self, title: str, language: str) -> str:
        """The result in one sentence. Percentage points with the interval, and what it means."""
        if not self.difference.known:
            return NOTHING_YET.get(language, NOTHING_YET["en"]).format(title=title)
        said = SENTENCE.get(language, SENTENCE["en"]).format(
            title=title,
            n=self.approached.n,
            rate=_hundredths(self.approached.rate.value, language),
            m=self.held_out.n,
            other=_hundredths(self.held_out.rate.value, language),
            days=self.days,
            points=_points(self.difference.value, language),
            low=_points(self.difference.low, language),
            high=_points(self.difference.high, language),
        )
        verdict = (
            "for" if self.difference.low > 0 else "against" if self.difference.high < 0 else "open"
        )
        tail = VERDICT[verdict].get(language, VERDICT[verdict]["en"])
        early = "" if self.mature else EARLY.get(language, EARLY["en"])
        return said + tail + early


def _hundredths(share: float, language: str) -> str:
    return number_text(100 * share, language, decimals=1)


def _points(difference: float, language: str) -> str:
    """With its sign, also where it is rounded to nothing."""
    return ("+" if difference >= 0 else "−") + _hundredths(abs(difference), language)


SENTENCE: Text = {
    "en": (
        "{title}: of {n} people approached {rate}% got it within {days} days, of {m} held out "
        "{other}%: a difference of {points} percentage points "
        "(95%: {low} to {high}), "
    ),
    "nl": (
        "{title}: van {n} benaderde mensen kreeg {rate}% het binnen {days} dagen, van {m} niet "
        "benaderde {other}%: een verschil van {points} procentpunt "
        "(95%: {low} tot {high}), "
    ),
}
VERDICT: dict[str, Text] = {
    "for": {"en": "so it helped.", "nl": "dus het hielp."},
    "against": {"en": "so it did harm.", "nl": "dus het werkte averechts."},
    "open": {
        "en": "so chance alone could explain it.",
        "nl": "dus toeval alleen kan het verklaren.",
    },
}
EARLY: Text = {
    "en": " The horizon is not over: these figures are early.",
    "nl": " De termijn is nog niet voorbij: dit is een tussenstand.",
}
NOTHING_YET: Text = {
    "en": "{title}: nothing can be said yet, an arm is empty.",
    "nl": "{title}: er valt nog niets te zeggen, een van de groepen is leeg.",
}


def effect(
    members: pl.DataFrame,
    events: pl.DataFrame,
    pack: Pack,
    *,
    service: str,
    channel: str,
    now: datetime,
) -> Effect:
    """The effect in ``members`` as known at ``now``.

    Parameters
    ----------
    members
        citizen, service, arm, drawn_at (Datetime UTC): the moment from which outcomes count.
    events
        :data:`features.events.EVENTS`, of these citizens at least.
    service
        What the effect is told of: the members' service, or a word for several together.
    """
    counted = followed(members, events, pack, now)
    first = _arm(counted.filter(pl.col("arm") == APPROACH))
    second = _arm(counted.filter(pl.col("arm") != APPROACH))
    days = (now - counted["drawn_at"]).dt.total_days()
    horizon = int(counted["horizon"].max() or 0)  # type: ignore[arg-type]
    return Effect(
        service=service,
        channel=channel,
        approached=first,
        held_out=second,
        difference=newcombe(first.hits, first.n, second.hits, second.n),
        days=min(horizon, int(days.min() or 0)),  # type: ignore[arg-type]
        mature=bool((days >= counted["horizon"]).all()),
    )


def followed(
    members: pl.DataFrame, events: pl.DataFrame, pack: Pack, now: datetime
) -> pl.DataFrame:
    """``members`` with ``horizon`` (days) and ``hit``: taken up within it, as known at ``now``."""
    outcomes = pl.DataFrame(
        [(name, one.outcome, one.horizon_days) for name, one in pack.services.items()],
        schema={"service": pl.String, "role": pl.String, "horizon": pl.Int64},
        orient="row",
    )
    steps = service_events(events, pack, now).join(outcomes, on=["service", "role"])
    hits = (
        members.join(steps, on=["citizen", "service"])
        .filter(
            pl.col("occurred_at") > pl.col("drawn_at"),
            pl.col("occurred_at") <= pl.col("drawn_at") + pl.duration(days="horizon"),
        )
        .select("citizen", "service", "drawn_at", hit=pl.lit(value=True))
        .unique()
    )
    return (
        members.join(hits, on=["citizen", "service", "drawn_at"], how="left", maintain_order="left")
        .join(outcomes.drop("role"), on="service", how="left", maintain_order="left")
        .with_columns(pl.col("hit").fill_null(value=False))
    )


def _arm(members: pl.DataFrame) -> Arm:
    n, hits = members.height, int(members["hit"].sum())
    return Arm(n, hits, wilson(hits, n))
