"""Take-up: who asks for what they are entitled to, when, and what becomes of it."""

from __future__ import annotations

import numpy as np

from features.pack import Pack
from features.sources.synthetic import money
from features.sources.synthetic.behaviour import Behaviour, behaviours
from features.sources.synthetic.entitlement import any_child
from features.sources.synthetic.journal import Bools, Floats, Ints, Journal
from features.sources.synthetic.magnitudes import Magnitudes
from features.sources.synthetic.population import NEVER, UNEMPLOYED, Population

READY = 0.6
"""Monthly chance that someone who means to claim does so."""


class TakeUp:
    """The state of every service for every person, and its monthly step.

    Matrices are person × service in the order of the pack. ``claimer``: whoever will ask unaided
    and soon; everyone else asks rarely. ``aided``: what they have is owed to outreach, and
    ``shadow`` follows when they would have come unaided.
    """

    def __init__(
        self, pack: Pack, people: Population, rng: np.random.Generator, journal: Journal,
        magnitudes: Magnitudes,
    ) -> None:  # fmt: skip
        self.pack, self.people, self.rng, self.journal = pack, people, rng, journal
        self.magnitudes = magnitudes
        self.ways: dict[str, Behaviour] = behaviours(pack)
        self.names = tuple(pack.services)
        shape = (people.capacity, len(self.names))
        self.has = np.zeros(shape, np.bool_)
        self.entitled = np.zeros(shape, np.bool_)
        self.claimer = np.zeros(shape, np.bool_)
        self.known_before = np.zeros(shape, np.bool_)
        self.shadow = np.zeros(shape, np.bool_)
        self.decided = np.full(shape, NEVER, np.int64)
        self.approved = np.zeros(shape, np.bool_)
        self.granted = np.full(shape, -NEVER, np.int64)
        self.uplift: dict[int, tuple[Ints, Floats, int]] = {}
        self.cases = 0
        self.target = np.array([self._target(name) for name in self.names])
        self.lean = np.zeros(len(self.names))
        self.handled = np.array([self.ways[name].silo == "cases" for name in self.names])
        self.shared = np.array([self.ways[name].shared for name in self.names])
        self.again = np.array([service.repeatable for service in pack.services.values()])
        self.lasts = [service.lasts_days for service in pack.services.values()]

    def _target(self, name: str) -> float:
        published = self.pack.services[name].non_take_up
        if published is None:
            return self.ways[name].non_take_up
        at = (self.magnitudes.non_take_up + 1) / 2
        return float(max(published.low + at * (published.high - published.low), 0.003))

    # -- entitlement ---------------------------------------------------------------------------

    def needs(self, rules: Bools, day: int) -> Bools:
        """Entitlement by the rules, and by need where the rules are soft."""
        entitled = rules.copy()
        for place, name in enumerate(self.names):
            need = self.ways[name].need
            if need is not None:
                entitled[:, place] &= need(self.people, day)
        return entitled

    def begin(self, rules: Bools, day: int) -> None:
        """Let those entitled at the start have what people of their kind would have."""
        entitled = self.needs(rules, day)
        fresh = entitled & ~self.entitled
        self.entitled = entitled
        rows, places = np.nonzero(fresh)
        self.claimer[rows, places] = self._means_to(rows, places)
        uses = self.leads(rows, places) & self.claimer[rows, places] & ~self.again[places]
        rows, places = self._together(rows[uses], places[uses], entitled)
        longest = np.array([days or 2500 for days in self.lasts])[places]
        since = day - (self.rng.random(len(rows)) * np.minimum(longest, 2500)).astype(np.int64) - 1
        since = np.maximum(since, self.people.born[rows])
        at_once, good = np.zeros(len(rows), np.int64), np.ones(len(rows), np.bool_)
        self._record(rows, places, since, at_once, good, "own")
        self.settle(day)

    def _means_to(self, rows: Ints, places: Ints) -> Bools:
        """Whether each newly entitled person will claim unaided."""
        people = self.people
        skill = 1.6 * (people.digital[rows] - 0.55) - 0.35 * people.shyness[rows]
        trouble = 0.6 * people.debt[rows] + 0.35 * np.minimum(people.friction[rows], 3)
        seen = 0.9 * self.known_before[rows, places] + 0.25 * np.minimum(people.contacts[rows], 3)
        reached = 0.12 * np.minimum(self.has[rows].sum(axis=1), 5)
        work = 0.3 * (people.employment[rows] == UNEMPLOYED)
        odds = np.log((1 - self.target) / self.target)[places] + self.lean[places]
        odds += skill - trouble + seen + reached - work - 0.35
        return np.asarray(self.rng.random(len(rows)) < 1 / (1 + np.exp(-odds)))

    def leads(self, rows: Ints, places: Ints) -> Bools:
        """Whoever of a couple does the asking for what partners share."""
        mate = self.people.partner[rows]
        first = (mate < 0) | (rows < mate) | ~self.entitled[mate, places]
        return np.asarray(first | ~self.shared[places])

    def _together(self, rows: Ints, places: Ints, entitled: Bools) -> tuple[Ints, Ints]:
        """Add the partner where a service is shared and the partner qualifies too."""
        mate = self.people.partner[rows]
        joined = (mate >= 0) & self.shared[places]
        joined[joined] = entitled[mate[joined], places[joined]]
        joined[joined] &= ~self.has[mate[joined], places[joined]] | self.again[places[joined]]
        return np.concatenate([rows, mate[joined]]), np.concatenate([places, places[joined]])

    # -- the month -----------------------------------------------------------------------------

    def month(self, rules: Bools, day: int, days: int) -> None:
        """One month from ``day``, when decisions until then are settled: ends and new claims."""
        entitled = self.needs(rules, day)
        fresh = entitled & ~self.entitled
        self.entitled = entitled
        self._end(day, days)
        rows, places = np.nonzero(fresh)
        self.claimer[rows, places] = self._means_to(rows, places)
        self.shadow &= entitled
        self._claim(day, days)
        self._try_in_vain(day, days)
        self._steer()

    def _claim(self, day: int, days: int) -> None:
        repeat = self.again & (self.granted < day - 250)
        rows, places = np.nonzero(self.entitled & (~self.has | repeat) & (self.decided >= NEVER))
        lead = self.leads(rows, places)
        rows, places = rows[lead], places[lead]
        hazard = self.hazard(rows, places)
        own = self.rng.random(len(rows)) < hazard
        helped = ~own & (self.rng.random(len(rows)) < self._outreach(rows, places, day))
        for which, how in ((own, "own"), (helped, "outreach")):
            asked, where = self._together(rows[which], places[which], self.entitled)
            free = self.decided[asked, where] >= NEVER
            asked, where = asked[free], where[free]
            if how == "outreach":
                self.shadow[asked, where] = True
            self._apply(asked, where, day + self.rng.integers(0, days, len(asked)), how)
        self._follow_shadows(day)

    def hazard(self, rows: Ints, places: Ints) -> Floats:
        """The monthly chance of claiming unaided."""
        people = self.people
        slow = 1 - (1 - self.magnitudes.self_claim_9_months) ** (1 / 9)
        hurdle = np.exp(
            -0.25 * np.minimum(people.friction[rows], 3)
            - 0.4 * people.debt[rows]
            + 0.5 * (people.digital[rows] - 0.5)
        )
        ready = np.where(self.target[places] < 0.02, 0.92, READY)
        chance = np.where(self.claimer[rows, places], ready * hurdle, slow * hurdle)
        return np.asarray(np.clip(chance, 0, 0.97))

    def _outreach(self, rows: Ints, places: Ints, day: int) -> Floats:
        chance = np.zeros(len(rows))
        for place, (treated, monthly, until) in self.uplift.items():
            if day <= until:
                whole = np.zeros(self.people.capacity)
                whole[treated] = monthly
                at = places == place
                chance[at] = whole[rows[at]]
        return chance

    def _follow_shadows(self, day: int) -> None:
        rows, places = np.nonzero(self.shadow)
        came = self.rng.random(len(rows)) < self.hazard(rows, places)
        self.journal.note("late-unaided", rows[came], day, service=places[came])
        self.shadow[rows[came], places[came]] = False

    def _try_in_vain(self, day: int, days: int) -> None:
        """Applications by people who are not entitled, mostly those near it."""
        people = self.people
        adults = np.flatnonzero(people.adults(day) & (people.income < 32_000))
        rate = self.magnitudes.unfounded * self.recent_claims / max(len(adults), 1)
        own = [not self.ways[name].organisation for name in self.names]
        tries = self.rng.poisson(rate * len(adults)) * np.array(own)
        places = np.repeat(np.arange(len(self.names)), tries)
        rows = self.rng.choice(adults, len(places)) if len(adults) else places[:0]
        free = ~self.entitled[rows, places] & ~self.has[rows, places]
        free &= self.decided[rows, places] >= NEVER
        _, first = np.unique(rows * len(self.names) + places, return_index=True)
        kept = np.sort(first)[free[np.sort(first)]]
        rows, places = rows[kept], places[kept]
        self._apply(rows, places, day + self.rng.integers(0, days, len(rows)), "vain")

    @property
    def recent_claims(self) -> Floats:
        """Claims still waiting for a decision by service, times a month's share of them."""
        months = [max(self.ways[name].delay / 30, 1.0) for name in self.names]
        return np.asarray((self.decided < NEVER).sum(axis=0) / np.array(months))

    def _apply(self, rows: Ints, places: Ints, day: Ints, how: str) -> None:
        delay = np.array([self.ways[name].delay for name in self.names])[places]
        wait = np.maximum(1, delay * self.rng.lognormal(-0.1, 0.45, len(rows))).astype(np.int64)
        wrong = self.rng.random(len(rows)) < self.magnitudes.wrong_refusal
        approved = ~wrong if how != "vain" else np.zeros(len(rows), np.bool_)
        self._record(rows, places, day, wait, approved, how)

    def _record(
        self, rows: Ints, places: Ints, day: Ints, wait: Ints, approved: Bools, how: str
    ) -> None:
        rng, people = self.rng, self.people
        strain = 0.5 * people.debt[rows] + 0.3 * (people.digital[rows] < 0.3)
        risk = self.magnitudes.spiral * np.exp(strain + 0.25 * np.minimum(people.friction[rows], 3))
        handled = self.handled[places]
        spiral = (rng.random(len(rows)) < risk) & (wait > 7) & handled
        wait = np.where(spiral, (wait * rng.uniform(1.4, 2.6, len(rows))).astype(np.int64), wait)
        people.friction[rows] += 1.0 * spiral
        people.tally("spiral", rows[spiral], 2)
        people.tally("handover", rows, handled * (1 + 4 * spiral))
        objects = ~approved & (rng.random(len(rows)) < self.magnitudes.objection * (how != "vain"))
        self.decided[rows, places] = day + wait + np.where(objects, 70, 0)
        self.approved[rows, places] = approved | objects
        people.remember("service-applied", rows, day)
        people.remember("service-refused", rows[~approved], (day + wait)[~approved])
        number = self.cases + np.arange(len(rows))
        self.cases += len(rows)
        self.journal.note(
            "application", rows, day, service=places, case=number, decided=day + wait,
            approved=approved, objects=objects, spiral=spiral, how=how, **self._dossier(rows),
        )  # fmt: skip

    def _dossier(self, rows: Ints) -> dict[str, Floats]:
        """What an applicant tells about themselves; a silo keeps what its form asks."""
        people = self.people
        traits = ("rent", "childcare_hours", "walking", "earning_loss", "school_distance")
        flags = ("disabled", "mobility_loss", "carer", "exceptional", "viable", "youth_problem")
        told = {name: np.asarray(getattr(people, name))[rows] for name in traits + flags}
        told["youth_problem"] = any_child(people, people.youth_problem)[rows]
        return told | {"savings": money.household_savings(people)[rows]}

    def settle(self, day: int) -> None:
        """Decisions that have fallen before ``day``."""
        rows, places = np.nonzero(self.decided < day)
        when = self.decided[rows, places]
        self.decided[rows, places] = NEVER
        good = self.approved[rows, places]
        rows, places, when = rows[good], places[good], when[good]
        self.has[rows, places] = self.known_before[rows, places] = True
        self.granted[rows, places] = when
        self._renew_documents(rows, places, when)
        if "bijzondere-bijstand" in self.names:
            met = rows[places == self.names.index("bijzondere-bijstand")]
            self.people.exceptional[met] = False

    def _renew_documents(self, rows: Ints, places: Ints, when: Ints) -> None:
        people = self.people
        for name, dates, days in (
            ("identiteitsbewijs", people.id_expires, 3652),
            ("rijbewijs-75", people.licence_expires, 1826),
            ("parkeervergunning", people.permit_expires, 365),
        ):
            if name in self.names:
                at = places == self.names.index(name)
                dates[rows[at]] = when[at] + days
                self.journal.note(
                    "document", rows[at], when[at], document=name, until=when[at] + days
                )

    def _end(self, day: int, days: int) -> None:
        """Services that run out, or that a register check ends."""
        for place, lasts in enumerate(self.lasts):
            if lasts is not None:
                self.has[self.granted[:, place] + lasts < day, place] = False
        rows, places = np.nonzero(self.has & ~self.entitled)
        keep = np.zeros(len(rows), np.bool_)
        for place, name in enumerate(self.names):
            stay = self.ways[name].stay
            if stay is not None:
                at = places == place
                keep[at] = stay(self.people, day)[rows[at]] & self.people.present[rows[at]]
            if self.lasts[place] is not None:
                keep[places == place] = self.people.present[rows[places == place]]
        gone = ~keep & (self.rng.random(len(rows)) < 0.45)
        rows, places = rows[gone], places[gone]
        self.has[rows, places] = False
        when = day + self.rng.integers(0, days, len(rows))
        for place, name in enumerate(self.names):
            at = places == place
            self.people.remember(f"service-ended/{name}", rows[at], when[at])
        self.journal.note("ending", rows, when, service=places)

    def _steer(self) -> None:
        """Lean the intentions of newcomers so that non-take-up stays near the published rate."""
        entitled = self.entitled.sum(axis=0)
        using = (self.entitled & self.has).sum(axis=0)
        waiting = (self.entitled & (self.decided < NEVER)).sum(axis=0)
        seen = np.clip(1 - (using + 0.5 * waiting) / np.maximum(entitled, 1), 0.002, 0.98)
        pull = np.log(seen / (1 - seen)) - np.log(self.target / (1 - self.target))
        self.lean = np.clip(
            self.lean + np.where((entitled > 20) & ~self.again, 0.15 * pull, 0), -2.5, 4
        )
