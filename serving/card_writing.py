"""Writing a card: one chosen service, told in the caseworker's language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from features.catalogue import Failing, Kind, Objective, Service
from features.domain import FactType, Name
from features.pack import Pack, has_column
from features.remembered import row_of, rows_of
from features.units import unit_title
from models.bundle import Bundle
from models.choosing import Choice
from models.concept_origins import concept_origin
from models.eligibility import CriterionResult, explain
from models.explanation import OTHER, Contribution, Part, explain_head
from models.heads import Head
from models.objectives import needs_entitlement
from models.origins import Origin, origin
from models.turning_points import turning_points
from serving.cards import (
    AnswerChoice,
    AnswerField,
    Card,
    Effect,
    HowSure,
    NextStep,
    OverrideReason,
    Question,
    Reason,
    Unaided,
)
from serving.casework.typed_facts import askable, choices
from serving.fact_texts import answers_text
from serving.phrases import chance_text, day_text, phrase, range_text, within_text
from serving.turning_texts import turning_text

BANDS = ((0.9, 4), (0.6, 3), (0.3, 2), (0.0, 1))
"""From this chance on, so many dots."""
MARGIN = {"rules": 0.0, "model": 0.1, "prior": 0.2}
"""How far the range goes to either side, by what the estimate rests on."""
SMALL, FAIR = 0.2, 0.5
WEIGHTY = 0.1
"""A concept is told from this much on (log-odds: odds 1.1 times as high or low)."""
MOST_CONCEPTS = 3
LONGEST_HEADLINE = 139


@dataclass(frozen=True, slots=True)
class Desk:
    """What a card is written with, beside the choice itself.

    Parameters
    ----------
    concepts
        The concept of each of the bundle's columns, in order.
    named
        The citizen's name, for whoever may read it; None for cards that travel.
    """

    pack: Pack
    bundle: Bundle
    concepts: tuple[str, ...]
    language: str
    named: str | None = None

    @property
    def citizen(self) -> str:
        """How a headline speaks of the citizen: by name, or as *this citizen*."""
        if self.named:
            return self.named
        word = self.pack.domain.citizen_word
        said = self.pack.say(word, self.language) if word else self.phrase("citizen")
        return self.phrase("this", word=said)

    def say(self, text: dict[str, str]) -> str:
        """The pack's own words in the card's language."""
        return self.pack.say(text, self.language)

    def phrase(self, key: str, **words: object) -> str:
        """Our words in the card's language."""
        return phrase(key, self.language, **words)

    def day(self, moment: datetime) -> date:
        """The day of a moment in the domain's time zone."""
        return moment.astimezone(ZoneInfo(self.pack.domain.time_zone)).date()


def write_card(desk: Desk, choice: Choice, row: Mapping[str, Any], card_id: UUID) -> Card:
    """The card of one service that was chosen.

    Parameters
    ----------
    row
        A row of ``choice.candidates`` with ``position``.
    """
    name: str = row["service"]
    service = desk.pack.services[name]
    verdict = explain(choice.facts, name, desk.pack)
    deadline = None if row["deadline"] is None else desk.day(row["deadline"])
    today = desk.day(choice.as_of)
    return Card(
        id=card_id,
        service=name,
        title=desk.say(service.title),
        kind="intervention" if service.kind is Kind.INTERVENTION else "service",
        headline=_headline(desk, service),
        why_now=_why_now(desk, service, row, today),
        group=row["group"],
        group_title=desk.phrase(row["group"]),
        deadline=deadline,
        deadline_text=_before(desk, deadline, today),
        sure=_sure(desk, service, row),
        unaided=_unaided(desk, service, row),
        reasons=(
            *_life_events(desk, choice, service),
            *_criteria(desk, choice, verdict.criteria),
            *_concepts(desk, choice, name, known=row["eligible"] is not None),
        ),
        ask=_questions(desk, verdict.criteria),
        changes=_changes(desk, choice, name),
        effects=_effects(desk, choice, name),
        next=_next_step(desk, service),
        override_reasons=tuple(
            OverrideReason(
                code=reason.code, text=desk.say(reason.text), corrects_fact=reason.corrects_fact
            )
            for reason in service.override_reasons
        ),
        position=row["position"],
        explored=row["explored"],
        model_version=desk.bundle.version,
        language=desk.language,
    )


def how_sure(
    entitled: float | None, basis: str | None, eligible: bool | None, language: str
) -> HowSure:
    """How likely it is that a service fits, as a word, dots and a range."""
    rests = "rules" if eligible else (basis or "prior")
    chance = float(bool(eligible)) if entitled is None else entitled
    band = next(dots for at_least, dots in BANDS if chance >= at_least)
    word = phrase(f"sure-{band}", language)
    spread = range_text(chance - MARGIN[rests], chance + MARGIN[rests], language)
    said = "basis-rules-model" if eligible and basis == "model" else f"basis-{rests}"
    return HowSure(
        word=word,
        band=band,
        dots="●" * band + "○" * (4 - band),
        range=spread,
        text=phrase("fits", language, word=word, range=spread),
        basis=rests,  # type: ignore[arg-type]  # one of the three by construction
        basis_text=phrase(said, language),
    )


def _sure(desk: Desk, service: Service, row: Mapping[str, Any]) -> HowSure:
    """Rules settle it where they decide; of a failing process they say nothing."""
    failing = service.objective is Objective.FAILING_PROCESS
    head = desk.bundle.heads.get(row["service"])
    settled = row["eligible"] and not failing and (head is None or _decided(head, row["entitled"]))
    sure = how_sure(row["entitled"], row["basis"], settled, desk.language)
    if not failing:
        return sure
    return sure.model_copy(update={"basis_text": desk.phrase("basis-failing")})


def _decided(head: Head, entitled: float | None) -> bool:
    """Whether the rules decide; not where the office closed the right after what they read."""
    return head.decisive and (entitled is None or entitled >= head.right)


def _before(desk: Desk, deadline: date | None, today: date) -> str | None:
    if deadline is None:
        return None
    return desk.phrase("before", day=day_text(deadline, desk.language, today=today))


def _headline(desk: Desk, service: Service) -> str:
    text = desk.say(service.headline).replace("{citizen}", desk.citizen)
    text = text[:1].upper() + text[1:]
    return text if len(text) <= LONGEST_HEADLINE else text[: LONGEST_HEADLINE - 1] + "…"


def _why_now(desk: Desk, service: Service, row: Mapping[str, Any], today: date) -> str:
    if service.objective is Objective.FAILING_PROCESS and row["entitled"] is not None:
        signs = (service.failing or Failing()).signs
        return desk.phrase(
            "why-failing",
            within=within_text(service.horizon_days, desk.language),
            chance=chance_text(row["entitled"], desk.language),
            signs=", ".join(desk.phrase(f"sign-{sign.value}") for sign in signs),
        )
    if row["life_event"] is None:
        return desk.phrase("why-eligible" if row["eligible"] else "why-unknown")
    day = desk.day(row["happens_at"])
    return desk.phrase(
        "will-happen" if day > today else "happened",
        event=desk.say(desk.pack.life_events[row["life_event"]].title),
        day=day_text(day, desk.language, today=today),
    )


def _unaided(desk: Desk, service: Service, row: Mapping[str, Any]) -> Unaided | None:
    if service.kind is Kind.INTERVENTION or row["unaided"] is None:
        return None
    chance = min(row["unaided"] / max(row["entitled"], 1e-9), 1.0)
    size = "small" if chance < SMALL else "fair" if chance < FAIR else "large"
    word = desk.phrase(f"unaided-{size}")
    text = desk.phrase(
        "unaided",
        word=word,
        chance=chance_text(chance, desk.language),
        within=within_text(service.horizon_days, desk.language),
    )
    return Unaided(word=word, text=text)


def _life_events(desk: Desk, choice: Choice, service: Service) -> list[Reason]:
    """The life events that bring the service into view, the nearest first, one of each kind."""
    now, known = choice.as_of, desk.pack.life_events
    near = [
        row
        for row in rows_of(choice.state.life_events)
        if row["life_event"] in service.triggers
        and (
            row["upcoming"]
            or row["happens_at"] + timedelta(days=known[row["life_event"]].fresh_days) >= now
        )
    ]
    near.sort(key=lambda row: (abs(row["happens_at"] - now), row["life_event"]))
    nearest: dict[str, dict[str, Any]] = {}
    for row in near:
        nearest.setdefault(row["life_event"], row)
    return [
        Reason(
            kind="life-event",
            sign="met",
            text=desk.say(known[row["life_event"]].title),
            upcoming=row["upcoming"],
            **_dated(desk, Origin(row["source"], row["happens_at"], row["known_at"])),
        )
        for row in nearest.values()
    ]


def _criteria(desk: Desk, choice: Choice, results: tuple[CriterionResult, ...]) -> list[Reason]:
    reasons = []
    for result in results:
        if result.met:
            found = origin(result.criterion.sql, choice.records, choice.protected, desk.pack)
            reasons.append(
                Reason(
                    kind="criterion",
                    sign="met",
                    text=desk.say(result.criterion.text),
                    **(_dated(desk, found) if found else {}),
                )
            )
    return reasons


def _concepts(desk: Desk, choice: Choice, service: str, *, known: bool) -> list[Reason]:
    """The concepts that weigh most in the model's judgement, each with its direction. Of a failing
    process only what points to it is told: that nothing shows does not say that all is well.
    """
    head = desk.bundle.heads.get(service)
    if head is None:
        return []
    row = desk.bundle.columns.matrix(choice.signals)
    explained = explain_head(head, row, desk.concepts, known=known)
    if explained is None:
        return []
    told = [
        one
        for one in explained.contributions
        if abs(one.value) >= WEIGHTY
        and one.concept != OTHER
        and one.concept in desk.pack.domain.concepts
        and (one.toward > 0 or head.objective is not Objective.FAILING_PROCESS)
    ]
    return [
        Reason(
            kind="concept",
            sign="up" if one.toward > 0 else "down",
            text=_concept_text(desk, one, explained.part, head),
            **(
                _dated(desk, found)
                if (found := concept_origin(one, choice, desk.pack, desk.bundle.columns))
                else {}
            ),
        )
        for one in told[:MOST_CONCEPTS]
    ]


def _concept_text(desk: Desk, one: Contribution, part: Part, head: Head) -> str:
    """What a concept says: of fitting, or of applying alone where that is what was estimated."""
    concept = desk.pack.domain.concepts[one.concept]
    speaks_for = one.toward > 0
    if part == "unaided" and needs_entitlement(head.objective):
        key = "seldom-alone" if speaks_for else "often-alone"
        return desk.phrase(key, concept=desk.say(concept.title))
    return desk.say(concept.up if speaks_for else concept.down)


def _changes(desk: Desk, choice: Choice, service: str) -> tuple[str, ...]:
    """What would change the answer, the facts to ask first."""
    return tuple(
        turning_text(one, fact_title(one.fact, desk.pack, desk.language), desk.pack, desk.language)
        for one in turning_points(choice, desk.pack, desk.bundle, service)
    )


def _dated(desk: Desk, found: Origin) -> dict[str, Any]:
    """Source and dates of a reason; when it became known only where that was a later day."""
    known = desk.day(found.known_at)
    since = None if found.since is None else desk.day(found.since)
    source = desk.pack.domain.sources.get(found.source)
    return {
        "source": found.source,
        "source_title": desk.say(source.title) if source else found.source,
        "since": since,
        "known": known if since is not None and known > since else None,
    }


def _effects(desk: Desk, choice: Choice, name: str) -> tuple[Effect, ...]:
    """What the service may change in what the citizen has: what the pack says of it, and what gives
    way to it."""
    services = desk.pack.services
    told = {other: desk.say(text) for other, text in services[name].affects.items()}
    for other, held in services.items():
        if name in held.excludes:
            told.setdefault(other, desk.phrase("gives-way"))
    has = row_of(choice.facts)
    return tuple(
        Effect(service=other, title=desk.say(services[other].title), text=text)
        for other, text in told.items()
        if has.get(has_column(other))
    )


def _questions(desk: Desk, results: tuple[CriterionResult, ...]) -> tuple[Question, ...]:
    """What to ask, each question once."""
    asked: dict[str, Question] = {}
    for result in results:
        if result.met is None:
            text = question_text(result, desk.pack, desk.language)
            question = Question(
                text=text,
                criterion=result.criterion.id,
                facts=result.missing,
                fields=tuple(
                    answer_field(name, desk.pack, desk.language)
                    for name in result.missing
                    if askable(desk.pack, name)
                ),
            )
            asked.setdefault(text, question)
    return tuple(asked.values())


def question_text(result: CriterionResult, pack: Pack, language: str) -> str:
    """What to ask about an unknown criterion: the pack's question, or the missing facts by name."""
    if result.criterion.question:
        return pack.say(result.criterion.question, language)
    titles = [_asked(name, pack, language) for name in result.missing]
    return phrase(
        "ask-fact", language, fact=", ".join(titles) or pack.say(result.criterion.text, language)
    )


def answer_field(name: Name, pack: Pack, language: str) -> AnswerField:
    """Where the answer to a question about the fact ``name`` can be filled in."""
    fact = pack.domain.facts[name]
    chosen = choices(pack, name, language)
    kind: Literal["number", "choice", "date"] = (
        "choice" if chosen else "date" if fact.type is FactType.DATE else "number"
    )
    return AnswerField(
        fact=name,
        title=fact_title(name, pack, language),
        kind=kind,
        unit=unit_title(pack, fact.unit, language) if fact.unit else None,
        choices=tuple(AnswerChoice(value=value, label=label) for value, label in chosen),
    )


def _asked(name: Name, pack: Pack, language: str) -> str:
    """A fact to ask about, with what may be answered: ``housing (rents or owns the home)``."""
    title, answers = _inside(fact_title(name, pack, language)), answers_text(pack, name, language)
    return f"{title} ({answers})" if answers else title


def _inside(title: str) -> str:
    """A title as it stands inside a sentence; abbreviations keep their capitals."""
    return title if title[1:2].isupper() else title[:1].lower() + title[1:]


def fact_title(name: Name, pack: Pack, language: str) -> str:
    """What people call a fact or derived fact."""
    declared = pack.domain.facts.get(name) or pack.domain.derived.get(name)
    return name.replace("_", " ") if declared is None else pack.say(declared.title, language)


def _next_step(desk: Desk, service: Service) -> NextStep:
    step = service.next_step
    channel = step.channel if step else next(iter(service.channels), None)
    titled = desk.pack.domain.channels.get(channel) if channel else None
    return NextStep(
        text=desk.say(step.text) if step else desk.phrase("next-step"),
        minutes=step.minutes if step else service.effort_minutes,
        channel=channel,
        channel_title=desk.say(titled.title) if titled else None,
        provider=desk.say(service.provider),
    )
