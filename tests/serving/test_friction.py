"""How the banner puts friction into words."""

from __future__ import annotations

from serving.friction import by_window

COUNTS: list[tuple[str, int | None, int]] = [
    ("spirals", 90, 2),
    ("days_past_norm", None, 41),
    ("repeat_contact", 365, 1),
    ("handovers", 90, 1),
]


def test_the_figures_are_told_window_by_window_and_now_last() -> None:
    assert by_window(COUNTS, "nl") == (
        "In 90 dagen: 2 keer terug naar wie de zaak overdroeg, 1 overdracht",
        "In een jaar: 1 keer opnieuw contact over dezelfde vraag",
        "Nu: een zaak 41 dagen over de norm",
    )
    assert by_window(COUNTS, "en") == (
        "In 90 days: sent back 2 times to whoever handed it over, 1 handover",
        "In a year: 1 more contact about the same question",
        "Now: a case 41 days past its norm",
    )


def test_without_figures_there_are_no_lines() -> None:
    assert by_window([], "en") == ()
