"""How each service is asked for, decided and ended in the synthetic municipality.

The rules of entitlement are the pack's. What stands here is what no rule says: who decides, how
long it takes, whether a couple asks for it together, how many leave it, and, for services whose
rules are soft, the need that a professional would find.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from features.catalogue import Kind
from features.pack import Pack
from features.sources.synthetic.journal import Bools
from features.sources.synthetic.population import UNEMPLOYED, Population

Need = Callable[[Population, int], Bools]


@dataclass(frozen=True, slots=True)
class Behaviour:
    """One service's way of being taken up.

    Parameters
    ----------
    code
        What the silo that decides calls it.
    silo
        ``benefits`` or ``cases``.
    shared
        Whether partners ask for it together.
    delay
        Mean days from application to decision.
    non_take_up
        The share of the entitled who leave it, where the pack gives no published range.
    need
        A need on top of the rules, where those are soft; None when the rules decide alone.
    stay
        Who keeps it once granted, where that is not the same as who may start it.
    organisation
        Whether the organisation starts it rather than the citizen.
    """

    code: str
    silo: str = "cases"
    shared: bool = False
    delay: float = 28.0
    non_take_up: float = 0.25
    need: Need | None = None
    stay: Need | None = None
    organisation: bool = False


def _sick(people: Population, day: int) -> Bools:
    return np.asarray((people.sick_since <= day - 14) & people.present)


def _recovering(people: Population, day: int) -> Bools:
    return np.asarray(people.sick_since <= day)


def _jobless(people: Population, day: int) -> Bools:
    return np.asarray((people.employment == UNEMPLOYED) & (day - people.changed < 500))


def _frail(people: Population, day: int) -> Bools:
    return np.asarray(people.mobility_loss & (people.shyness + people.age(day) / 30 > 1.6))


def _very_frail(people: Population, day: int) -> Bools:
    return np.asarray(people.mobility_loss & (people.walking < 150))


def _indebted(people: Population, day: int) -> Bools:
    return np.asarray(people.debt)


def _new_arrears(people: Population, day: int) -> Bools:
    return np.asarray(people.debt & (day - people.debt_since < 730))


def _stuck(people: Population, day: int) -> Bools:
    return np.asarray((people.friction > 0.5) & people.adults(day))


def _unheard(people: Population, day: int) -> Bools:
    return np.asarray((people.digital < 0.75) & people.adults(day))


def _needs_help_asking(people: Population, day: int) -> Bools:
    return np.asarray((people.digital < 0.65) & (people.income < 25_000))


def _far_from_work(people: Population, day: int) -> Bools:
    out = (people.employment == UNEMPLOYED) & (day - people.changed > 150)
    return np.asarray(out & (people.age(day) < 63))


def _permit(people: Population, day: int) -> Bools:
    return np.asarray(people.car & (people.district < 2))


_TABLE: dict[str, Behaviour] = {
    "kinderbijslag": Behaviour("KBS", "benefits", True, 20, 0.01),
    "kindgebonden-budget": Behaviour("KGB", "benefits", True, 30, 0.085),
    "zorgtoeslag": Behaviour("ZTS", "benefits", True, 35, 0.12),
    "huurtoeslag": Behaviour("HTS", "benefits", True, 35, 0.12),
    "kinderopvangtoeslag": Behaviour("KOT", "benefits", True, 35, 0.10),
    "aow": Behaviour("AOW", "benefits", False, 30, 0.005),
    "aio": Behaviour("AIO", "benefits", True, 45, 0.43),
    "ww": Behaviour("WW", "benefits", False, 20, 0.12, stay=_jobless),
    "ziektewet": Behaviour("ZW", "benefits", False, 20, 0.08, need=_sick, stay=_recovering),
    "wia": Behaviour("WIA", "benefits", False, 60, 0.12, stay=lambda p, d: p.disabled),
    "toeslagenwet": Behaviour("TW", "benefits", True, 35, 0.35),
    "anw": Behaviour("ANW", "benefits", False, 40, 0.055),
    "studiefinanciering": Behaviour("SFB", "benefits", False, 25, 0.10),
    "algemene-bijstand": Behaviour("BIJST", shared=True, delay=42, non_take_up=0.35),
    "bijzondere-bijstand": Behaviour("BIJZ", shared=True, delay=40, non_take_up=0.6),
    "individuele-inkomenstoeslag": Behaviour("IIT", shared=True, delay=35, non_take_up=0.6),
    "kwijtschelding": Behaviour("KWIJT", shared=True, delay=30, non_take_up=0.38),
    "collectieve-zorgverzekering": Behaviour("CZV", shared=True, delay=20, non_take_up=0.45),
    "kindpakket": Behaviour("KIND", shared=True, delay=20, non_take_up=0.4),
    "stadspas": Behaviour("PAS", shared=True, delay=15, non_take_up=0.4),
    "schuldhulp": Behaviour("SCHULD", shared=True, delay=42, non_take_up=0.7, need=_indebted),
    "bbz": Behaviour("BBZ", delay=50, non_take_up=0.5),
    "startersloket": Behaviour("START", delay=10, non_take_up=0.5),
    "wmo-huishoudelijke-hulp": Behaviour("WMO-HH", delay=45, non_take_up=0.3, need=_frail),
    "wmo-woningaanpassing": Behaviour("WMO-WA", delay=60, non_take_up=0.4, need=_very_frail),
    "wmo-vervoer": Behaviour("WMO-VV", delay=40, non_take_up=0.35, need=_frail),
    "gehandicaptenparkeerkaart": Behaviour("GPK", delay=40, non_take_up=0.3, need=_very_frail),
    "mantelzorgwaardering": Behaviour("MZW", delay=25, non_take_up=0.6),
    "jeugdhulp": Behaviour("JEUGD", shared=True, delay=40, non_take_up=0.25),
    "voorschoolse-educatie": Behaviour("VVE", shared=True, delay=20, non_take_up=0.25),
    "leerlingenvervoer": Behaviour("LLV", shared=True, delay=30, non_take_up=0.3),
    "inburgering": Behaviour("INB", delay=60, non_take_up=0.1),
    "parkeervergunning": Behaviour("PV", delay=8, non_take_up=0.2, need=_permit),
    "identiteitsbewijs": Behaviour("ID", delay=5, non_take_up=0.06),
    "rijbewijs-75": Behaviour("RB75", delay=30, non_take_up=0.08),
    "persoonlijke-aanpak": Behaviour(
        "PA", delay=14, non_take_up=0.6, need=_stuck, organisation=True
    ),
    "huisbezoek": Behaviour("HB", delay=14, non_take_up=0.75, need=_unheard, organisation=True),
    "vroegsignaal-contact": Behaviour(
        "VS", delay=10, non_take_up=0.5, need=_new_arrears, organisation=True
    ),
    "aanvraaghulp": Behaviour(
        "AH", delay=7, non_take_up=0.8, need=_needs_help_asking, organisation=True
    ),
    "jobcoach": Behaviour("JC", delay=20, non_take_up=0.7, need=_far_from_work, organisation=True),
}


def behaviours(pack: Pack) -> dict[str, Behaviour]:
    """The behaviour of every service of ``pack``; an unknown one gets an ordinary way."""
    found = {}
    for name, service in pack.services.items():
        plain = Behaviour(name.upper(), organisation=service.kind is Kind.INTERVENTION)
        found[name] = _TABLE.get(name, plain)
    return found
