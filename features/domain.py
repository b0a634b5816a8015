"""The words of a domain: sources, purposes, events, facts, parameters and life events.

These are the strict models behind ``domain.yaml``, ``parameters.yaml`` and ``life_events.yaml``
of a domain pack. They hold no country's knowledge of their own. The services are in
:mod:`features.catalogue`; :mod:`features.pack` holds a whole pack together.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    StringConstraints,
    Tag,
    model_validator,
)
from pydantic_core import PydanticCustomError

Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,62}$")]
"""A name in kebab-case: sources, event types, services, life events, channels."""

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
"""A name in snake_case that is also an SQL identifier: facts, parameters, signals."""

Text = dict[str, str]
"""A sentence for people, by language code."""

Labels = dict[str, Text]
"""What people call each category of a fact."""


class Strict(BaseModel):
    """A frozen model that refuses keys it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=False, allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _known_keys(cls, given: Any) -> Any:
        """Name the keys that were expected, where pydantic would only refuse the one it got."""
        keys = given if isinstance(given, dict) else ()
        unknown = [key for key in keys if key not in cls.model_fields]
        if unknown:
            raise PydanticCustomError(
                "unknown_key",
                "there is no such key here; expected one of {known}",
                {"key": unknown[0], "known": ", ".join(cls.model_fields)},
            )
        return given


class Sensitivity(StrEnum):
    """How a fact about a person may be used.

    ``free`` facts may become signals. ``criterion-only`` facts may be asked by a rule with a
    legal basis, never by a head. ``never`` facts are kept for audits alone.
    """

    FREE = "free"
    CRITERION_ONLY = "criterion-only"
    NEVER = "never"


class FactType(StrEnum):
    """What a fact's value is. In the lake a number stands beside each value (see facts.py)."""

    NUMBER = "number"
    BOOLEAN = "boolean"
    CATEGORY = "category"
    DATE = "date"


class Purpose(Strict):
    """Why data is used (*doelbinding*)."""

    title: Text
    legal_basis: str
    link_probability: float | None = Field(default=None, gt=0.5, le=1)
    """From which probability on the records of a person whom a silo knows without a BSN count as
    the citizen's; never when not given. Links by number count for every purpose."""


class Source(Strict):
    """A silo that delivers events or facts."""

    title: Text
    legal_basis: str
    purposes: tuple[Identifier, ...] = Field(min_length=1)
    retention_days: int = Field(gt=0)
    expected_every_days: int | None = Field(default=None, gt=0)
    """How often something should arrive at least; silence for longer is drawn as a gap."""


class EventType(Strict):
    """A kind of event. ``role`` ties it to what the product knows how to count."""

    title: Text
    role: (
        Literal[
            "applied",
            "granted",
            "refused",
            "ended",
            "withdrawn",
            "contact",
            "contact-failed",
            "case-opened",
            "case-step",
            "case-closed",
            "case-reopened",
            "case-suspended",
            "case-handover",
            "objection-filed",
            "complaint",
            "outreach",
            "drawn",
            "found-entitled",
            "found-not-entitled",
            "arrears",
            "left",
            "returned",
        ]
        | None
    ) = None
    """applied/granted/refused/ended: the event's ``case_type`` is a service id. left: the citizen
    died or moved out of reach, and belongs to the population again only once ``returned``. drawn:
    chance put the citizen in an arm of a campaign for ``case_type``; the attributes ``campaign``
    and ``arm`` say which, and the arm ``control`` is not approached. found-entitled and
    found-not-entitled: what a check of a citizen drawn at random found for ``case_type``, whether
    or not that citizen had applied."""
    concept: Identifier = "other"
    """The concept under which reasons about this event are told."""
    signals: bool = True
    """Whether counts and recency are made of this type."""
    unit: str | None = None
    """The unit of its value, where it has one."""
    final: bool = False
    """With role ``left``: the citizen died. Nobody grows older after it or comes of an age."""

    @model_validator(mode="after")
    def _leaves(self) -> Self:
        if self.final and self.role != "left":
            raise ValueError("only an event with role `left` can be final")
        return self


class Concept(Strict):
    """A theme in which a card tells a model's contributions, instead of single signals."""

    title: Text
    up: Text
    """The sentence when the concept speaks for the suggestion."""
    down: Text
    """The sentence when it speaks against."""


class Unit(Strict):
    """How people write an amount: ``€ 1.345 per maand``; ``{amount}`` is the number in it."""

    title: Text
    """The unit alone: ``euro per maand``."""
    amount: Text | None = None
    """An amount of it; the number before the title when not given."""
    one: Text | None = None
    """One of it: ``1 child``; written as ``amount`` when not given."""
    decimals: int | None = Field(default=None, ge=0, le=6)
    """Of a number that is not whole; at most two, without zeros at the end, when not given."""


class Fact(Strict):
    """What a register holds true of a citizen over a period."""

    title: Text
    type: FactType
    unit: str | None = None
    categories: tuple[str, ...] = ()
    labels: Labels = Field(default_factory=dict)
    sensitivity: Sensitivity = Sensitivity.FREE
    legal_basis: str | None = None
    concept: Identifier = "other"
    actionable: bool = False
    """Whether the citizen or caseworker could change it."""
    signal: bool = True
    """Whether the facts family makes a signal of it (only when free)."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.type is FactType.CATEGORY) != bool(self.categories):
            raise ValueError("categories go with type category, and only with it")
        if self.sensitivity is Sensitivity.CRITERION_ONLY and not self.legal_basis:
            raise ValueError("a criterion-only fact states the legal_basis on which a rule may ask")
        return self


class RelativeMeasure(Strict):
    """A derived fact over the dated relations of a citizen."""

    kind: Identifier
    measure: Literal["any", "count", "youngest_age", "oldest_age"]
    younger_than: int | Name | None = None
    """An age in years or the name of a parameter."""


class DerivedFact(Strict):
    """A fact computed from others at a date: by years passed, by relations, or by SQL."""

    title: Text
    type: FactType
    unit: str | None = None
    labels: Labels = Field(default_factory=dict)
    concept: Identifier = "other"
    signal: bool = True
    years_since: Name | None = None
    days_until: Name | None = None
    relatives: RelativeMeasure | None = None
    sql: str | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        ways = [self.years_since, self.days_until, self.relatives, self.sql]
        if sum(way is not None for way in ways) != 1:
            raise ValueError("give exactly one of years_since, days_until, relatives, sql")
        return self


class Channel(Strict):
    """A way in which people and government meet."""

    title: Text
    cost: float | None = Field(default=None, gt=0)
    """What one approach by it costs the organisation, in euro."""


class CaseType(Strict):
    """A kind of case that is not itself a service, with its norm and statutory term."""

    title: Text
    norm_days: int | None = Field(default=None, gt=0)
    term_days: int | None = Field(default=None, gt=0)


class Reason(Strict):
    """A coded reason to set a suggestion aside."""

    code: Identifier
    text: Text
    corrects_fact: bool = False
    """Whether choosing it offers to correct a fact at its source."""
    remembered_days: int = Field(default=365, ge=0)
    """For how long this refusal holds the service back for this citizen."""


class ProtectedGroup(Strict):
    """A grouping over which fairness is watched. Read by monitoring alone."""

    title: Text
    fact: Name
    bands: tuple[float, ...] = ()
    """Cut points when the fact is a number or a date (age in years)."""


class WorkingCalendar(Strict):
    """When the organisation works, for idle and working time."""

    weekdays: tuple[Annotated[int, Field(ge=1, le=7)], ...] = Field(
        default=(1, 2, 3, 4, 5), min_length=1
    )
    """ISO weekdays, Monday is 1."""
    holidays: tuple[date, ...] = ()


class Windows(Strict):
    """The windows over which the families count, in days."""

    counts: tuple[int, ...] = (30, 90, 365)
    values: tuple[int, ...] = (365,)
    friction: tuple[int, ...] = (90, 365)


class FamilyChoice(Strict):
    """A family that is used over windows that the pack sets, in days."""

    windows: tuple[int, ...] = Field(min_length=1)


class HouseholdSignal(Strict):
    """A signal of a relative's own records, told of the citizen: only what is named is read."""

    relation: Identifier
    title: Text
    """What people call the relative: ``the partner``, ``the children``."""
    signal: Name
    of_more: Literal["highest", "lowest", "sum", "mean"] = "highest"
    """What is told when there are several."""
    purpose: Identifier
    """The only purpose it may serve; every source of the relative's signal allows it."""


class Representative(Strict):
    """A kind of relation whose relative speaks or decides for the citizen."""

    title: Text
    """What people call them: ``Guardian``."""
    speak_with: Text
    """Whom to speak with, as a sentence."""
    decides: Text
    """Who decides about what, as a sentence."""
    purposes: tuple[Identifier, ...] = Field(min_length=1)
    """The purposes for which a caseworker needs to know of them; no other view tells of them."""


def _is_list(given: object) -> str:
    return "list" if isinstance(given, list | tuple) else "mapping"


def _is_switch(given: object) -> str:
    return "windows" if isinstance(given, dict | FamilyChoice) else "switch"


Choice = Annotated[
    Annotated[Literal["on", "off"], Tag("switch")] | Annotated[FamilyChoice, Tag("windows")],
    Discriminator(_is_switch),
]
"""Whether a family is used, or over which windows it is."""

Families = Annotated[
    Annotated[tuple[Name, ...], Tag("list")] | Annotated[dict[Name, Choice], Tag("mapping")],
    Discriminator(_is_list),
]
"""The families to use and no other, or a choice for each that is spoken of."""


class PackSignal(Strict):
    """A signal that the pack adds: SQL over facts, derived facts, parameters and other signals."""

    unit: str
    meaning: Text
    concept: Identifier = "other"
    sql: str


class Schedule(Strict):
    """The dates at which snapshots are taken: every day, Monday or first of a month."""

    every: Literal["day", "week", "month"] = "month"
    months: tuple[Annotated[int, Field(ge=1, le=12)], ...] = ()
    """Only in these months of the year; in every month when empty."""


class NonTakeUp(Strict):
    """A rate of non-take-up, of the entitled who do not use a service, with its year and source."""

    low: float = Field(ge=0, le=1)
    high: float = Field(ge=0, le=1)
    year: int | None = None
    source: str


class Training(Strict):
    """What the domain's data ask of training."""

    snapshots: Schedule = Schedule()
    test_citizens: Literal["all", "unseen"] = "all"
    """``unseen``: the test period holds only citizens that no fitting has seen."""
    non_take_up: NonTakeUp | None = None
    """Taken for services that have no published rate of their own; without it nothing is assumed of
    who did not apply, and such services have bounds alone."""
    hold_out: float = Field(default=0.0, ge=0, le=0.2)
    """The share of citizens, drawn anew every half year, who get no suggestions meanwhile: they
    show what happens without help."""


class Domain(Strict):
    """``domain.yaml``: the vocabulary of one domain."""

    id: Identifier
    title: Text
    organisation: Text
    languages: tuple[str, ...] = Field(min_length=1)
    time_zone: str
    citizen_word: Text = Field(default_factory=dict)
    purposes: dict[Identifier, Purpose] = Field(min_length=1)
    sources: dict[Identifier, Source] = Field(min_length=1)
    event_types: dict[Identifier, EventType] = Field(default_factory=dict)
    units: dict[str, Unit] = Field(default_factory=dict)
    """The pack's own units; those of time and count are there already (features/units.py)."""
    facts: dict[Name, Fact] = Field(default_factory=dict)
    derived: dict[Name, DerivedFact] = Field(default_factory=dict)
    relations: tuple[Identifier, ...] = ()
    representatives: dict[Identifier, Representative] = Field(default_factory=dict)
    """The relations whose relative speaks or decides for the citizen. They are never a signal."""
    channels: dict[Identifier, Channel] = Field(default_factory=dict)
    case_types: dict[Identifier, CaseType] = Field(default_factory=dict)
    concepts: dict[Identifier, Concept] = Field(default_factory=dict)
    fairness: dict[Name, ProtectedGroup] = Field(default_factory=dict)
    training: Training = Training()
    calendar: WorkingCalendar = WorkingCalendar()
    windows: Windows = Windows()
    families: Families = Field(default_factory=dict)
    """A list: these families and no other. Otherwise the usual ones, but for those that are
    switched ``on`` or ``off`` here, or are given ``windows``."""
    signals: dict[Name, PackSignal] = Field(default_factory=dict)
    """The pack's own signals."""
    household: tuple[HouseholdSignal, ...] = ()
    """What is told of relatives, from records of their own."""
    identifiers: dict[Identifier, Literal["bsn", "opaque"]] = Field(default_factory=dict)
    """Identifier schemes of the silos; ``bsn`` is checked by the 11-test."""
    override_reasons: tuple[Reason, ...] = ()
    """Reasons to set any suggestion aside; a service adds its own."""

    def uses(self, family: str, usual: bool) -> bool:
        """Whether ``family`` is used; ``usual`` is whether it is when the pack says nothing."""
        if isinstance(self.families, tuple):
            return family in self.families
        choice = self.families.get(family, "on" if usual else "off")
        return choice != "off"

    def windows_of(self, family: str) -> tuple[int, ...] | None:
        """The windows that are set for ``family``; None when they are not."""
        chosen = self.families.get(family) if isinstance(self.families, dict) else None
        if isinstance(chosen, FamilyChoice):
            return chosen.windows
        found: tuple[int, ...] | None = getattr(self.windows, family, None)
        return found


class ParameterValue(Strict):
    """An amount or age that holds from a date until the next one."""

    valid_from: date
    value: float
    year: int
    """The year of the publication that the figure comes from."""
    source: str


class Parameter(Strict):
    """A dated amount or age. A criterion names it and holds no number of its own."""

    title: Text
    unit: str
    values: tuple[ParameterValue, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        starts = [value.valid_from for value in self.values]
        if starts != sorted(set(starts)):
            raise ValueError("values stand in order of valid_from, each date once")
        return self

    def at(self, day: date) -> float | None:
        """The value that held on ``day``, or None before the first."""
        held = [value.value for value in self.values if value.valid_from <= day]
        return held[-1] if held else None


class EventTrigger(Strict):
    """An event makes the life event."""

    event: Identifier
    case_type: Identifier | None = None


class FactChangeTrigger(Strict):
    """A fact takes a value it did not have (``to``), or merely changes."""

    fact: Name
    to: str | None = None


class AgeTrigger(Strict):
    """The citizen, or a relative of a kind, reaches an age (years, or a parameter's name)."""

    reaches_age: float | Name
    of: Identifier = "self"


class DateTrigger(Strict):
    """A fact of type date arrives (a document expires, a benefit ends)."""

    date_fact: Name


Trigger = EventTrigger | FactChangeTrigger | AgeTrigger | DateTrigger


class LifeEvent(Strict):
    """An event, fact change or reached age that changes what someone needs."""

    title: Text
    eu: str | None = None
    """The name in the EU vocabulary of life events. Its URI is not known, so none is given."""
    triggers: tuple[Trigger, ...] = Field(min_length=1)
    fresh_days: int = Field(default=365, gt=0)
    """For how long after it the life event counts as recent."""
    ahead_days: int = Field(default=0, ge=0)
    """How far ahead it can be seen; more than 0 needs an age or date trigger."""
    signal: bool = True
    """Whether a head may see it; a rule always may."""
    quiet_days: int = Field(default=0, ge=0)
    """How long after it no suggestion is made unless the service names it as a trigger."""

    @model_validator(mode="after")
    def _foreseeable(self) -> Self:
        if self.ahead_days and not any(
            isinstance(trigger, AgeTrigger | DateTrigger) for trigger in self.triggers
        ):
            raise ValueError(
                "ahead_days needs a trigger by age or by date; others are not foreseen"
            )
        return self
