"""Suggestions for one citizen, fresh from the records, written in the ledger; and *why not*."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

import polars as pl

from features.catalogue import Kind
from features.lake import Lake
from features.pack import Pack
from features.tables import TableName
from models.choosing import Choice, Choices, choose, choose_each
from models.eligibility import CriterionResult, explain
from models.gates import GateState, reason_text
from models.ranking import GROUPS
from serving.answers import CriterionLine, Friction, Suggestions, WhyNot
from serving.approach import Approaches
from serving.audit import Audit
from serving.card_writing import Desk, fact_title, question_text, write_card
from serving.casework.facts_told import FactsTold
from serving.casework.records import Supposed, WhatIf
from serving.casework.typed_facts import TypedFact, typed_fact
from serving.casework.what_if import changes
from serving.catalogue import CatalogueView
from serving.database import Database
from serving.decisions import Decisions
from serving.departures import departure_of
from serving.errors import UnknownCitizenError, UnknownServiceError
from serving.fact_texts import value_text
from serving.friction import stuck
from serving.ledger import Slate, write_slate
from serving.phrases import phrase
from serving.security import Caller, Role
from serving.standing import read_standing
from serving.standpoint import Champion, Champions, LakeView


@dataclass(frozen=True)
class Suggester:
    """Answers what fits a citizen now, and why another service does not.

    Parameters
    ----------
    exploration
        The chance that the last place is drawn at random (see :mod:`models.ranking`).
    """

    pack: Pack
    lakes: LakeView
    champions: Champions
    database: Database
    audit: Audit
    decisions: Decisions
    approaches: Approaches
    catalogue: CatalogueView
    told: FactsTold
    now: Callable[[], datetime]
    exploration: float = 0.0
    seed: int = 0

    def suggest(
        self,
        citizen: int,
        *,
        language: str,
        purpose: str,
        by: Caller,
        slots: int,
        named: str | None = None,
    ) -> Suggestions:
        """Cards for one citizen. Every candidate, shown or not, goes into the ledger.

        ``named`` is how headlines call the citizen; *this citizen* when None.
        """
        by.require(Role.CASEWORKER)
        self.catalogue.require(purpose, language)
        champion, lake, at = self.champions.current(), self.lakes.current(), self.now()
        choice = self._choose(champion, lake, citizen, purpose, slots, at)
        placed = with_positions(choice.candidates)
        desk = Desk(self.pack, champion.bundle, champion.concepts, language, named)
        slate = Slate(
            citizen=citizen,
            purpose=purpose,
            language=language,
            by=by.subject,
            at=at,
            as_of=at,
            lake=self.lakes.versions(lake),
            pack=self.pack.checksum,
            model_version=champion.bundle.version,
            exploration=self.exploration,
        )
        with self.database.write() as connection:
            rows = write_slate(connection, slate, placed)
            self.audit.record(
                "suggest", by=by, citizens=[citizen], purpose=purpose, within=connection
            )
            decided = self.decisions.all_of(connection, citizen, language)
        shown = sorted((row for row in rows if row["shown"]), key=lambda row: row["position"])
        cards = [write_card(desk, choice, row, row["id"]) for row in shown]
        return Suggestions(
            citizen=citizen,
            purpose=purpose,
            language=language,
            as_of=at,
            model_version=champion.bundle.version,
            cards=tuple(card for card in cards if card.kind == "service"),
            interventions=tuple(card for card in cards if card.kind == "intervention"),
            friction=self._friction(choice, language),
            departure=departure_of(choice, self.pack, language),
            withheld=placed.height - len(cards),
            decisions=decided,
            missing_sources=tuple(
                self.pack.say(source.title, language)
                for name, source in self.pack.domain.sources.items()
                if purpose in source.purposes
                and name in self.pack.mappings
                and name not in choice.records.sources
            ),
        )

    def why_not(
        self,
        citizen: int,
        *,
        language: str,
        purpose: str,
        by: Caller,
        service: str | None,
        slots: int,
    ) -> tuple[WhyNot, ...]:
        """What became of every service, or of one."""
        by.require(Role.CASEWORKER, Role.AUDITOR)
        self.catalogue.require(purpose, language)
        if service is not None and service not in self.pack.services:
            raise UnknownServiceError(f"The catalogue has no service {service}.")
        lake = self.lakes.current()
        choice = self._choose(self.champions.current(), lake, citizen, purpose, slots, self.now())
        self.audit.record("why not", by=by, citizens=[citizen], purpose=purpose)
        every = self._answers(choice, language)
        return every if service is None else tuple(one for one in every if one.service == service)

    def what_if(
        self,
        citizen: int,
        answers: Mapping[str, str],
        *,
        language: str,
        purpose: str,
        by: Caller,
        slots: int,
    ) -> WhatIf:
        """What would change if the citizen answered so. Nothing is kept, but that it was asked."""
        by.require(Role.CASEWORKER)
        self.catalogue.require(purpose, language)
        self.told.require_source(purpose)
        typed = [typed_fact(self.pack, name, text, language) for name, text in answers.items()]
        champion, lake, at = self.champions.current(), self.lakes.current(), self.now()
        supposed = self.told.supposed(citizen, typed, at)
        asked = (champion, lake, citizen, purpose, slots, at)
        before = self._answers(self._choose(*asked), language)
        after = self._answers(self._choose(*asked, supposed), language)
        self.audit.record("what if", by=by, citizens=[citizen], purpose=purpose)
        found = changes(before, after)
        return WhatIf(
            citizen=citizen,
            purpose=purpose,
            language=language,
            as_of=at,
            supposed=tuple(self._supposed(one, language) for one in typed),
            changes=found,
            unchanged=len(before) - len(found),
        )

    def friction(self, citizen: int, *, language: str, purpose: str, by: Caller) -> Friction | None:
        """Whether the citizen gets stuck in the standard process."""
        by.require(Role.CASEWORKER)
        self.catalogue.require(purpose, language)
        choice = self._choose(
            self.champions.current(), self.lakes.current(), citizen, purpose, 5, self.now()
        )
        return self._friction(choice, language)

    def each(self, citizens: Sequence[int], *, purpose: str) -> Choices:
        """What became of every service for each of ``citizens``, for a list of people.

        Nothing goes into the ledger, for nothing of it is shown as a suggestion; whoever asks
        audits it.
        """
        champion, lake = self.champions.current(), self.lakes.current()
        with self.database.read() as connection:
            standing = read_standing(connection, self.pack, citizens, model=champion.bundle.version)
            told = self.told.facts(connection, citizens)
        return choose_each(
            lake,
            self.pack,
            champion.bundle,
            citizens,
            self.now(),
            refine=lambda state: standing.on(replace(state, purpose=purpose)),
            told=told,
        )

    def require_known(self, citizen: int) -> None:
        """Raise UnknownCitizenError unless the lake holds anything of ``citizen``."""
        lake = self.lakes.current()
        if all(lake.citizen(table, citizen).is_empty() for table in _TABLES):
            raise UnknownCitizenError("Nobody is known here under this pseudonym.")

    def _choose(
        self,
        champion: Champion,
        lake: Lake,
        citizen: int,
        purpose: str,
        slots: int,
        at: datetime,
        supposed: pl.DataFrame | None = None,
    ) -> Choice:
        with self.database.read() as connection:
            standing = read_standing(
                connection, self.pack, [citizen], model=champion.bundle.version
            )
            told = self.told.facts(connection, [citizen])

        def refine(state: GateState) -> GateState:
            return standing.on(replace(state, purpose=purpose))

        choice = choose(
            lake,
            self.pack,
            champion.bundle,
            citizen,
            at,
            refine=refine,
            slots=slots,
            exploration=self.exploration,
            seed=self.seed,
            told=told if supposed is None else pl.concat([told, supposed]),
        )
        if choice.empty:
            raise UnknownCitizenError("Nobody is known here under this pseudonym.")
        return choice

    def _friction(self, choice: Choice, language: str) -> Friction | None:
        return stuck(choice, self.pack, language, self.approaches.last(choice.citizen))

    def _answers(self, choice: Choice, language: str) -> tuple[WhyNot, ...]:
        """*Why* or *why not*, of every service."""
        rows = with_positions(choice.candidates)
        return tuple(self._why_not(choice, row, language) for row in rows.iter_rows(named=True))

    def _supposed(self, typed: TypedFact, language: str) -> Supposed:
        today = self.now().astimezone(ZoneInfo(self.pack.domain.time_zone)).date()
        return Supposed(
            fact=typed.name,
            title=fact_title(typed.name, self.pack, language),
            value=typed.value,
            value_text=value_text(self.pack, typed.name, typed.value, language, today=today),
        )

    def _why_not(self, choice: Choice, row: dict[str, object], language: str) -> WhyNot:
        name = str(row["service"])
        service = self.pack.services[name]
        held, reason = row["withheld_by"], row["withheld_reason"]
        gate = "ranked-lower" if held is None and not row["shown"] else held
        code = reason if reason is not None else ("shown" if row["shown"] else "ranked-lower")
        results = explain(choice.facts, name, self.pack).criteria
        return WhyNot(
            service=name,
            title=self.pack.say(service.title, language),
            kind="intervention" if service.kind is Kind.INTERVENTION else "service",
            shown=bool(row["shown"]),
            gate=None if gate is None else str(gate),
            reason=str(code),
            text=self._because(str(code), results, held is None, language),
            rank=row["rank"],  # type: ignore[arg-type]  # an Int32 column
            criteria=tuple(self._line(result, language) for result in results),
        )

    def _because(
        self, code: str, results: tuple[CriterionResult, ...], passed: bool, language: str
    ) -> str:
        text = phrase(code, language) if passed else reason_text(code, language)
        if code == "not-eligible":
            against = [
                self._line(result, language).text for result in results if result.met is False
            ]
            return " ".join([text, *against])
        return text

    def _line(self, result: CriterionResult, language: str) -> CriterionLine:
        criterion, said = result.criterion, self.pack.say(result.criterion.text, language)
        if result.met is None:
            asked = question_text(result, self.pack, language)
            return CriterionLine(id=criterion.id, outcome="unknown", text=asked)
        if result.met:
            return CriterionLine(id=criterion.id, outcome="met", text=said)
        against = (
            self.pack.say(criterion.not_met, language)
            if criterion.not_met
            else phrase("not-met", language, text=said)
        )
        return CriterionLine(id=criterion.id, outcome="not-met", text=against)


_TABLES: Final[tuple[TableName, ...]] = ("facts", "events")


def with_positions(candidates: pl.DataFrame) -> pl.DataFrame:
    """Adds ``position``: the place on the page of what is shown, by group and then by rank."""
    rows = candidates[["kind", "group", "rank", "shown"]].rows()
    places = [place for place, (*_, shown) in enumerate(rows) if shown]
    places.sort(key=lambda place: (GROUPS.index(rows[place][1]), rows[place][2]))
    positions: list[int | None] = [None] * len(rows)
    taken: dict[str, int] = {}
    for place in places:
        kind = rows[place][0]
        positions[place] = taken[kind] = taken.get(kind, 0) + 1
    return candidates.hstack([pl.Series("position", positions, pl.Int32)])
