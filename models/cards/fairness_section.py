"""The model card's section on groups, from what the audit of the training found."""

from __future__ import annotations

from typing import Any


def fairness_lines(found: dict[str, Any]) -> list[str]:
    """Proxies, unmet need reached and take-up expected, by group; says so when nothing was looked
    at. Groups of fewer than ten tell nothing but their name."""
    if not found:
        return ["## Groups", "", "No audit by group was made in this training.", ""]
    return [
        "## Groups",
        "",
        "Protected attributes were read by this audit alone.",
        "",
        *_proxies(found["proxies"]),
        "",
        "Unmet need that is reached: of people in the last test month who were eligible by the "
        "rules and did not come by themselves, the share among the tenth with the highest need.",
        "",
        "| group | people | reached | 95% | beside all others |",
        "|---|---|---|---|---|",
        *(_recall(one) for one in found["recall"]),
        "",
        *_astray(found["calibration"]),
        "",
    ]


def _proxies(told: list[dict[str, Any]]) -> list[str]:
    telling = [one for one in told if one["telling"]]
    if not telling:
        return [f"Of {len(told)} groups none is told by the signals together (area 0.6 or more)."]
    return [
        "Groups that the signals together tell (area under the curve), and which carry it:",
        "",
        *(
            f"- {one['grouping']} {one['group']}: {_range(one['told'])}, by "
            + ", ".join(f"`{each['signal']}` ({each['share']:.0%})" for each in one["carriers"])
            for one in telling
        ),
    ]


def _recall(one: dict[str, Any]) -> str:
    name = f"{one['grouping']} {one['group']}"
    if one.get("hidden"):
        return f"| {name} | too few to show | | | |"
    rate, gap = one["rate"], one["gap"]
    between = f"{_number(rate['low'])} to {_number(rate['high'])}"
    beside = f"{_number(gap['low'])} to {_number(gap['high'])}"
    return f"| {name} | {one['n']} | {_number(rate['value'])} | {between} | {beside} |"


def _astray(calibration: list[dict[str, Any]]) -> list[str]:
    astray = [one for one in calibration if not one.get("hidden") and not one["as_expected"]]
    if not astray:
        return ["In every group as many came by themselves as was expected, within the interval."]
    return [
        f"- {one['grouping']} {one['group']}: take-up expected {_number(one['expected'])}, "
        f"seen {_number(one['seen']['low'])} to {_number(one['seen']['high'])}"
        for one in astray
    ]


def _range(told: dict[str, float | None]) -> str:
    return f"{_number(told['value'])} ({_number(told['low'])} to {_number(told['high'])})"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
