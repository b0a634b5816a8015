"""Attention: whom of a caseload to see today, and why, in one line each.

Whoever gets stuck comes first, then terms that are about to end, what just happened, what was put
off until now, and personal approaches. Nobody is left out: the rest follows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import polars as pl
from sqlalchemy import Connection, Row, select

from features.happenings import birth_fact
from models.choosing import Choice
from serving.answers import Friction, Outcome
from serving.caseload import Caseloads, Entry
from serving.casework.records import Attention, CaseloadView
from serving.departures import departure_of
from serving.friction import stuck
from serving.identities import Identity, Vault
from serving.phrases import day_text, phrase
from serving.schema import approaches, decisions
from serving.security import Caller, Role
from serving.suggestions import Suggester, with_positions

GROUPS: Final = ("stuck", "term", "now", "back", "mine", "rest", "none")
_LINES: Final[dict[str, dict[str, str]]] = {
    "term": {"nl": "{service}: {before}", "en": "{service}: {before}"},
    "now": {"nl": "{event} op {day}: {service}", "en": "{event} on {day}: {service}"},
    "back": {"nl": "Uitgesteld tot {day}: {service}", "en": "Put off until {day}: {service}"},
    "mine": {"nl": "Persoonlijke aanpak sinds {day}", "en": "Personal approach since {day}"},
    "rest": {"nl": "Misschien: {service}", "en": "Perhaps: {service}"},
    "nothing": {"nl": "Nu geen suggesties", "en": "No suggestions now"},
}


@dataclass(frozen=True, slots=True)
class _Line:
    """Why somebody is in a group, since when, and until when there is time."""

    group: str
    why: str
    since: datetime
    deadline: date | None = None


@dataclass(frozen=True)
class Attentions:
    """Puts a caseload in the order in which to see people."""

    suggester: Suggester
    caseloads: Caseloads
    vault: Vault

    def view(self, *, language: str, purpose: str, by: Caller) -> CaseloadView:
        """The caller's own caseload. Everybody on it is audited."""
        by.require(Role.CASEWORKER)
        self.suggester.catalogue.require(purpose, language)
        entries = self.caseloads.of(by.subject)
        citizens = [entry.citizen for entry in entries]
        people: list[Attention] = []
        if entries:
            self.suggester.audit.record("open caseload", by=by, citizens=citizens, purpose=purpose)
            names = self.vault.read(citizens, purpose=purpose, by=by)
            people = self._people(entries, names, language, purpose)
        return CaseloadView(
            worker=by.name,
            purpose=purpose,
            language=language,
            as_of=self.suggester.now(),
            people=tuple(people),
        )

    def _people(
        self,
        entries: Sequence[Entry],
        names: dict[int, Identity],
        language: str,
        purpose: str,
    ) -> list[Attention]:
        citizens = [entry.citizen for entry in entries]
        choices = self.suggester.each(citizens, purpose=purpose)
        placed = with_positions(choices.candidates)
        born = birth_fact(self.suggester.pack)
        with self.suggester.database.read() as connection:
            chosen, decided = _last_approaches(connection, citizens), _decided(connection, citizens)
        told = []
        for entry in entries:
            choice = choices.of(entry.citizen)
            mine = placed.filter(pl.col("citizen") == entry.citizen)
            line = self._line(entry, choice, mine, chosen, decided, language)
            latest = max([line.since, *(row.at for row in decided.get(entry.citizen, ()))])
            who = names.get(entry.citizen, Identity(entry.citizen))
            age = self._age(who.birth_date or _held(choice, born))
            told.append(self._attention(entry, line, latest, who.name, age, mine, language))
        return sorted(told, key=_order)

    def _attention(
        self,
        entry: Entry,
        line: _Line,
        latest: datetime,
        name: str | None,
        age: int | None,
        placed: pl.DataFrame,
        language: str,
    ) -> Attention:
        shown = placed.filter("shown")
        day = None if line.deadline is None else self._said(line.deadline, language)
        return Attention(
            citizen=entry.citizen,
            name=name,
            age=age,
            group=line.group,  # type: ignore[arg-type]  # one of GROUPS by construction
            why=line.why,
            waiting_days=max(0, (self._today() - self._day(latest)).days),
            deadline=line.deadline,
            deadline_text=None if day is None else phrase("before", language, day=day),
            suggestions=shown.filter(pl.col("kind") == "service").height,
            questions=shown.filter(pl.col("eligible").is_null()).height,
            since=entry.since,
            reason=entry.reason,
        )

    def _line(
        self,
        entry: Entry,
        choice: Choice,
        placed: pl.DataFrame,
        chosen: dict[int, Row[Any]],
        decided: dict[int, list[Row[Any]]],
        language: str,
    ) -> _Line:
        gone = departure_of(choice, self.suggester.pack, language)
        if gone is not None:
            return _Line("none", gone.text, entry.since)
        last = chosen.get(entry.citizen)
        friction = stuck(choice, self.suggester.pack, language, last)
        if friction is not None and friction.choice is None:
            return _Line("stuck", _first(friction), entry.since)
        shown = list(
            placed.filter("shown", pl.col("kind") == "service")
            .sort("position")
            .iter_rows(named=True)
        )
        pressing = [row for row in shown if row["group"] == "now"]
        terms = [row for row in pressing if row["deadline"] is not None]
        if terms:
            return self._term(min(terms, key=lambda row: row["deadline"]), entry, language)
        if pressing and pressing[0]["life_event"] is not None:
            return self._happened(pressing[0], entry, language)
        back = _back(decided.get(entry.citizen, []), {row["service"] for row in shown})
        if back is not None and back.until <= self._today():
            said = self._say("back", language, service=back.service, day=back.until)
            return _Line("back", said, back.at)
        if last is not None and last.choice == "taken":
            return _Line("mine", self._say("mine", language, day=self._day(last.at)), last.at)
        if shown:
            said = self._say("rest", language, service=shown[0]["service"])
            return _Line("rest", said, entry.since)
        return _Line("none", self._say("nothing", language), entry.since)

    def _term(self, row: dict[str, Any], entry: Entry, language: str) -> _Line:
        day = self._day(row["deadline"])
        before = phrase("before", language, day=self._said(day, language))
        said = self._say("term", language, service=row["service"], before=before)
        return _Line("term", said, min(row["happens_at"] or entry.since, self._now()), day)

    def _happened(self, row: dict[str, Any], entry: Entry, language: str) -> _Line:
        event = self.suggester.pack.life_events[row["life_event"]].title
        said = self._say(
            "now",
            language,
            event=self.suggester.pack.say(event, language),
            day=self._day(row["happens_at"]),
            service=row["service"],
        )
        return _Line("now", said, min(row["happens_at"], self._now()))

    def _say(self, key: str, language: str, **words: Any) -> str:
        pack = self.suggester.pack
        if "service" in words:
            words["service"] = pack.say(pack.services[words["service"]].title, language)
        if "day" in words:
            words["day"] = self._said(words["day"], language)
        spoken = _LINES[key]
        return (spoken.get(language) or spoken["en"]).format(**words)

    def _said(self, day: date, language: str) -> str:
        return day_text(day, language, today=self._today())

    def _age(self, born: date | None) -> int | None:
        if born is None:
            return None
        today = self._today()
        return today.year - born.year - ((today.month, today.day) < (born.month, born.day))

    def _now(self) -> datetime:
        return self.suggester.now()

    def _today(self) -> date:
        return self._day(self._now())

    def _day(self, moment: datetime) -> date:
        return moment.astimezone(ZoneInfo(self.suggester.pack.domain.time_zone)).date()


def _order(one: Attention) -> tuple[object, ...]:
    """By group, then what ends first, then who waited longest."""
    return (
        GROUPS.index(one.group),
        one.deadline or date.max,
        -one.waiting_days,
        -one.suggestions,
        one.name or "",
        one.citizen,
    )


def _first(friction: Friction) -> str:
    return friction.evidence[0] if friction.evidence else friction.sentence


def _held(choice: Choice, name: str) -> date | None:
    """A date that the registers hold of the one citizen."""
    found = choice.facts[name].to_list() if name in choice.facts.columns else []
    return found[0] if found else None


def _back(made: list[Row[Any]], shown: set[str]) -> Row[Any] | None:
    """The deferral that ended last, of a service that is among the suggestions again."""
    last = {row.service: row for row in made}
    ended = [
        row
        for row in last.values()
        if row.outcome == Outcome.DEFERRED and row.service in shown and row.until is not None
    ]
    return max(ended, key=lambda row: row.until, default=None)


def _last_approaches(connection: Connection, citizens: Sequence[int]) -> dict[int, Row[Any]]:
    query = select(approaches).where(approaches.c.citizen.in_(citizens)).order_by(approaches.c.at)
    return {row.citizen: row for row in connection.execute(query)}


def _decided(connection: Connection, citizens: Sequence[int]) -> dict[int, list[Row[Any]]]:
    """The decisions on each, in order of time."""
    query = select(decisions).where(decisions.c.citizen.in_(citizens)).order_by(decisions.c.at)
    found: dict[int, list[Row[Any]]] = {}
    for row in connection.execute(query):
        found.setdefault(row.citizen, []).append(row)
    return found
