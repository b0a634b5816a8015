"""Who is truly entitled: the pack's own criteria, evaluated on the true facts."""

from __future__ import annotations

from datetime import UTC, date, datetime

import numpy as np
import polars as pl

from features.domain import (
    AgeTrigger,
    DateTrigger,
    DerivedFact,
    EventTrigger,
    FactChangeTrigger,
    LifeEvent,
)
from features.pack import Pack, has_column, life_event_column
from features.sources.synthetic import money
from features.sources.synthetic.journal import Bools, Floats, Ints
from features.sources.synthetic.population import (
    EMPLOYMENT,
    NEVER,
    STUDY,
    TENURE,
    YEAR,
    Population,
)

EPOCH = date(1970, 1, 1).toordinal()

FRICTION = {
    "friction_failed_contacts_365d": ("contact-failed", 12),
    "friction_repeat_contact_365d": ("contact-repeated", 12),
    "friction_spirals_90d": ("spiral", 3),
    "friction_handovers_90d": ("handover", 3),
}
"""The friction that a criterion may ask, as tallied when it happens."""


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return day.toordinal() - EPOCH


def day_of(number: int) -> date:
    """The date of a day number."""
    return datetime.fromtimestamp(number * 86_400, UTC).date()


def _dates(days: Ints) -> pl.Series:
    known = np.abs(days) < NEVER
    return (
        pl.select(
            pl.when(pl.Series(known)).then(pl.Series(np.where(known, days, 0)).cast(pl.Int32))
        )
        .to_series()
        .cast(pl.Date)
    )


def _names(codes: Ints, names: tuple[str, ...]) -> pl.Series:
    return pl.Series(names, dtype=pl.String).gather(codes)


def true_facts(people: Population, day: int) -> pl.DataFrame:
    """One row per person in use, every fact of the pack as it truly is on ``day``."""
    kids, youngest, _ = people.offspring(day)
    columns: dict[str, pl.Series | np.ndarray] = {
        "birth_date": _dates(people.born),
        "has_partner": people.partner >= 0,
        "children_under_18": kids.astype(np.float64),
        "youngest_child_age": np.where(np.isfinite(youngest), youngest, np.nan),
        "housing_tenure": _names(people.tenure, TENURE),
        "rent": np.where(people.tenure == 0, people.rent, np.nan),
        "income": people.income,
        "household_income": money.household_income(people),
        "savings": money.household_savings(people),
        "years_low_income": np.floor(people.low_income_years),
        "water_board_bill": np.where(people.age(day) >= 18, 180.0 + 60 * people.tenure, np.nan),
        "exceptional_costs": people.exceptional,
        "employment": _names(people.employment, EMPLOYMENT),
        "weeks_worked_of_36": np.floor(people.weeks_worked),
        "own_business": people.business,
        "business_viable": people.viable,
        "study": _names(people.study, STUDY),
        "health_insured": people.insured,
        "childcare_hours": people.childcare_hours,
        "school_distance_km": people.school_distance,
        "is_carer": people.carer,
        "has_disability": people.disabled | people.mobility_loss,
        "walking_distance_m": people.walking,
        "earning_loss_percent": people.earning_loss,
        "child_needs_support": any_child(people, people.youth_problem),
        "preschool_indication": any_child(people, people.preschool) | people.preschool,
        "residence_permit": _names(people.refugee.astype(np.int64), ("not-needed", "asylum")),
        "id_document_expires": _dates(people.id_expires),
        "driving_licence_expires": _dates(people.licence_expires),
        "parking_permit_expires": _dates(people.permit_expires),
    }
    frame = pl.DataFrame(columns).head(people.count)
    return frame.with_columns(pl.col(pl.Float64).fill_nan(None))


def any_child(people: Population, trait: Bools) -> Bools:
    """Who has the trait, or a child with it."""
    found = trait.copy()
    for parent in (people.mother, people.father):
        found[parent[trait & (parent >= 0) & people.present]] = True
    return found


class Entitlement:
    """Evaluates the criteria of every service of a pack over the whole population at once."""

    def __init__(self, pack: Pack) -> None:
        self.pack = pack
        self.services = tuple(pack.services)
        self._criteria = {
            name: [
                (part, frozenset(part.meta.root_names()))
                for part in (pl.sql_expr(criterion.sql) for criterion in service.criteria)
            ]
            for name, service in pack.services.items()
        }
        roots = {root for parts in self._criteria.values() for _, some in parts for root in some}
        self._counts = sorted(root for root in roots if root.startswith("count_"))
        self._before: dict[str, pl.Series] = {}
        self._changed: dict[str, Ints] = {}

    def at(self, people: Population, day: int, has: Bools) -> Bools:
        """Entitlement (person × service) on ``day``; ``has`` is person × service.

        A criterion over signals that are no true facts is left to the need that a professional
        finds (:mod:`features.sources.synthetic.behaviour`).
        """
        frame = self._frame(people, day, has)
        known = set(frame.columns)
        verdicts = []
        for name, parts in self._criteria.items():
            usable = [part for part, roots in parts if roots <= known]
            every = pl.all_horizontal(usable) if usable else pl.lit(value=True)
            verdicts.append(every.fill_null(value=False).alias(name))
        decided = frame.select(verdicts)
        whole = np.zeros((people.capacity, len(self.services)), np.bool_)
        whole[: people.count] = decided.to_numpy()
        whole &= people.present[:, None]
        for place, service in enumerate(self.pack.services.values()):
            for other in service.excludes:
                whole[:, place] &= ~has[:, self.services.index(other)]
        return whole

    def _frame(self, people: Population, day: int, has: Bools) -> pl.DataFrame:
        at = day_of(day)
        frame = true_facts(people, day)
        for fact, definition in self.pack.domain.facts.items():
            if fact not in frame.columns and definition.type in ("number", "boolean"):
                dtype = pl.Float64 if definition.type == "number" else pl.Boolean
                frame = frame.with_columns(pl.lit(None, dtype).alias(fact))
        held = self.pack.parameters_at(at)
        frame = frame.with_columns(
            *(pl.lit(float(value)).alias(name) for name, value in held.items()),
            pl.lit(at).alias("as_of"),
            *(
                pl.Series(has_column(service), has[: people.count, place])
                for place, service in enumerate(self.services)
            ),
        )
        for name, derived in self.pack.domain.derived.items():
            frame = self._derive(frame, name, derived, day)
        self._watch(frame, day, people)
        stuck = {
            name: people.tallied(what, months)[: people.count].astype(np.float64)
            for name, (what, months) in FRICTION.items()
        }
        moments = {
            life_event_column(name): self._since(people, frame, event, day)
            for name, event in self.pack.life_events.items()
        }
        return frame.with_columns(
            *(pl.Series(name, values).fill_nan(None) for name, values in moments.items()),
            *(pl.Series(name, self._recent(people, name, day)) for name in self._counts),
            *(pl.Series(name, values) for name, values in stuck.items()),
            pl.lit(0.0).alias("friction_days_past_norm"),
        )

    def _recent(self, people: Population, name: str, day: int) -> Floats:
        """``count_<event type>_<days>d`` as far as a criterion needs it: 1 or 0."""
        kind, days = name.removeprefix("count_").rsplit("_", 1)
        last = people.last.get(kind.replace("_", "-"))
        if last is None:
            return np.zeros(people.count)
        gone = day - last[: people.count]
        return ((gone >= 0) & (gone < int(days.removesuffix("d")))).astype(np.float64)

    def _derive(
        self, frame: pl.DataFrame, name: str, definition: DerivedFact, day: int
    ) -> pl.DataFrame:
        if definition.years_since is not None:
            born = pl.col(definition.years_since).cast(pl.Int32)
            return frame.with_columns(((day - born) / YEAR).floor().alias(name))
        if definition.days_until is not None:
            until = pl.col(definition.days_until).cast(pl.Int32) - day
            return frame.with_columns(until.cast(pl.Float64).alias(name))
        if definition.sql is not None:
            return frame.with_columns(pl.sql_expr(definition.sql).alias(name))
        if name not in frame.columns:
            return frame.with_columns(pl.lit(None, pl.Float64).alias(name))
        return frame

    # -- days since life events ----------------------------------------------------------------

    def _watch(self, frame: pl.DataFrame, day: int, people: Population) -> None:
        for event in self.pack.life_events.values():
            for trigger in event.triggers:
                if not isinstance(trigger, FactChangeTrigger) or trigger.fact not in frame.columns:
                    continue
                key = f"{trigger.fact}={trigger.to}"
                now = frame[trigger.fact].cast(pl.String).str.to_lowercase()
                changed = self._changed.setdefault(key, np.full(people.capacity, NEVER))
                before = self._before.get(key)
                if before is not None:
                    shared = now.head(len(before))
                    moved = shared.ne_missing(before)
                    if trigger.to is not None:
                        moved &= shared.eq_missing(trigger.to)
                    changed[: len(before)][moved.to_numpy()] = day
                self._before[key] = now

    def _since(self, people: Population, frame: pl.DataFrame, event: LifeEvent, day: int) -> Floats:
        """Days since the last of an event's triggers while fresh; negative days to the next."""
        past = np.full(people.count, np.inf)
        ahead = np.full(people.count, np.inf)
        for trigger in event.triggers:
            for moment in self._moments(people, frame, trigger):
                gone = day - moment[: people.count].astype(np.float64)
                gone[np.abs(moment[: people.count]) >= NEVER] = np.nan
                recent = (gone >= 0) & (gone <= event.fresh_days)
                past = np.fmin(past, np.where(recent, gone, np.nan))
                soon = (gone < 0) & (-gone <= event.ahead_days)
                ahead = np.fmin(ahead, np.where(soon, -gone, np.nan))
        coming = np.where(np.isfinite(ahead), -ahead, np.nan)
        return np.where(np.isfinite(past), past, coming)

    def _moments(
        self,
        people: Population,
        frame: pl.DataFrame,
        trigger: EventTrigger | FactChangeTrigger | AgeTrigger | DateTrigger,
    ) -> list[Ints]:
        never = np.full(people.capacity, NEVER)
        if isinstance(trigger, EventTrigger):
            key = f"{trigger.event}/{trigger.case_type}" if trigger.case_type else trigger.event
            return [people.last.get(key, never)]
        if isinstance(trigger, FactChangeTrigger):
            return [self._changed.get(f"{trigger.fact}={trigger.to}", never)]
        if isinstance(trigger, DateTrigger):
            days = frame[trigger.date_fact].cast(pl.Int32).cast(pl.Int64).fill_null(int(NEVER))
            return [days.to_numpy()]
        years = trigger.reaches_age
        if isinstance(years, str):
            years = float(frame[years][0])
        span = int(years * YEAR)
        if trigger.of == "self":
            return [np.where(people.born < NEVER, people.born + span, NEVER)]
        if trigger.of != "child":
            return []
        moments = []
        for parent in (people.mother, people.father):
            child = np.flatnonzero(parent >= 0)
            turned = never.copy()
            turned[parent[child]] = people.born[child] + span
            moments.append(turned)
        return moments
