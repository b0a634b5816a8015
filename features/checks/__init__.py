"""The checks that make a pack reliable, each over one concept.

Every check takes a :class:`Draft` and raises :class:`features.errors.PackError` at the first fault.
They run from the words up: what a later check relies on has been checked before it.
"""

from __future__ import annotations

from features.checks.criteria import check_criteria
from features.checks.derived import check_derived
from features.checks.draft import Draft
from features.checks.exclusion import check_exclusion
from features.checks.household import check_criteria_on_relatives, check_household
from features.checks.life_events import check_life_events
from features.checks.mappings import check_mappings
from features.checks.own_families import check_own_families
from features.checks.purposes import check_purposes
from features.checks.representatives import check_representatives
from features.checks.services import check_services
from features.checks.signals import check_signals
from features.checks.texts import check_texts
from features.checks.vanishing import check_vanishing
from features.checks.vocabulary import check_vocabulary
from features.checks.wording import check_wording

__all__ = ["CHECKS", "Draft", "check"]

CHECKS = (
    check_texts,
    check_wording,
    check_vocabulary,
    check_representatives,
    check_derived,
    check_life_events,
    check_services,
    check_exclusion,
    check_mappings,
    check_vanishing,
    check_own_families,
    check_household,
    check_signals,
    check_criteria,
    check_criteria_on_relatives,
    check_purposes,
)


def check(draft: Draft) -> None:
    """Run every check, in order."""
    for one in CHECKS:
        one(draft)
