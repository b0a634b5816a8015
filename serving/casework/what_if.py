"""What if: what would change for a citizen if something were so. Nothing of it is kept."""

from __future__ import annotations

from typing import Final, Literal

from serving.answers import WhyNot
from serving.casework.records import Change

Effect = Literal["gained", "lost", "surer", "ruled-out", "opened"]


def changes(before: tuple[WhyNot, ...], after: tuple[WhyNot, ...]) -> tuple[Change, ...]:
    """The services of which something changed, what comes among the suggestions first.

    Both hold every service, in the same order.
    """
    found = []
    for was, now in zip(before, after, strict=True):
        effect = _effect(was, now)
        if effect is not None:
            found.append(
                Change(service=now.service, title=now.title, effect=effect, before=was, after=now)
            )
    return tuple(sorted(found, key=lambda one: _ORDER.index(one.effect)))


_ORDER: Final[tuple[Effect, ...]] = ("gained", "lost", "surer", "opened", "ruled-out")


def _effect(was: WhyNot, now: WhyNot) -> Effect | None:
    if was.shown != now.shown:
        return "gained" if now.shown else "lost"
    if now.shown:
        return "surer" if _unknown(now) < _unknown(was) else None
    if was.gate == now.gate:
        return None
    return "ruled-out" if now.gate == "not-eligible" else "opened"


def _unknown(one: WhyNot) -> int:
    return sum(line.outcome == "unknown" for line in one.criteria)
