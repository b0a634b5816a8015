"""The model card's sections on who was learned from, and how ripe their labels are."""

from __future__ import annotations

from typing import Any

HIDDEN = "(not shown)"


def cohort_lines(card: dict[str, Any]) -> list[str]:
    """Who fell out where and why, a table a step; nothing for cards made before it was counted."""
    found = card["cohort"]
    if not found:
        return []
    titles = {one["service"]: one["title"] for one in card["heads"]}
    return [
        "## Who was learned from",
        "",
        f"{_number(found['people_in_lake'])} people have a record known by then; "
        f"{_number(found['people_in_examples'])} were known at any of the {found['dates']} dates "
        "used. A row is a citizen at a date. Parts of fewer than ten people are not shown, nor "
        "what would give one away.",
        "",
        *_flow(found["services"], titles),
        "",
    ]


def maturity_lines(card: dict[str, Any]) -> list[str]:
    """How ripe labels are, a line a month."""
    found = card["maturity"]
    if not found:
        return []
    services = found["services"].values()
    return [
        "## How ripe the labels are",
        "",
        f"Outcomes take {found['lag_days']} days to be known (95%). Labels: candidates over all "
        "services at the dates of the month. Ripe: their horizon and that time had passed. Known: "
        "of the outcomes that are still to be expected from a month on, the share that had come "
        "in, for the service with the longest and with the shortest horizon.",
        "",
        "| month | used for | labels | ripe | known |",
        "|---|---|---|---|---|",
        *(
            f"| {month} | {found['periods'][place]} | "
            f"{_sum(one['labels'][place] for one in services)} | "
            f"{_sum(one['ripe'][place] for one in services)} | "
            f"{min(one['ripeness'][place] for one in services):.0%} – "
            f"{max(one['ripeness'][place] for one in services):.0%} |"
            for place, month in enumerate(found["months"])
        ),
        "",
    ]


def _flow(services: dict[str, Any], titles: dict[str, str]) -> list[str]:
    """A line a service, with the rows at each step, and under it why rows fell out."""
    some: list[dict[str, Any]] = next(iter(services.values()), [])
    lines = [
        f"| service | {' | '.join(step['step'] for step in some)} |",
        f"|---|{'---|' * len(some)}",
    ]
    for name, steps in services.items():
        cells = (_cell(step) for step in steps)
        lines.append(f"| {titles.get(name, name)} | {' | '.join(cells)} |")
    return lines


def _cell(step: dict[str, Any]) -> str:
    lost = (f"less {_number(part['rows'])} {reason}" for reason, part in _lost(step))
    return "<br>".join([f"**{_number(step['rows'])}**", *lost])


def _lost(step: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [(reason, part) for reason, part in step["out"].items() if part["rows"] != 0]


def _number(value: int | None) -> str:
    return HIDDEN if value is None else f"{value:,}"


def _sum(values: Any) -> str:
    present = [value for value in values if value is not None]
    return f"{sum(present):,}" if present else "–"
