"""The model card's sections on lists and on unmet need reached, beside every contender."""

from __future__ import annotations

from typing import Any

METRICS = {
    "unmet_need_at_capacity": "unmet need reached",
    "ndcg_at_5": "NDCG@5 of unaided take-up",
    "novelty": "novelty, bits",
    "unfound": "not found unaided",
    "coverage": "share of the catalogue",
}


def list_lines(card: dict[str, Any]) -> list[str]:
    """What the first five of everybody's list are worth, by who ordered them."""
    if not card["list_intervals"]:
        return []
    return [
        "## The lists",
        "",
        "The first five of each citizen's candidates, in order of each contender's score, on the "
        "same rows; intervals draw whole households. *need* is what people see; *heads* are the "
        "same heads by unaided take-up, which is what the rivals are after. Unmet need is reached "
        "when it is among the best scores of the town, one suggestion for every four citizens.",
        *_champion(card["champion"]),
        "",
        f"| ordered by | {' | '.join(METRICS.values())} |",
        f"|---|{'---|' * len(METRICS)}",
        *(
            f"| {name} | {' | '.join(_between(found.get(metric)) for metric in METRICS)} |"
            for name, found in card["list_intervals"].items()
        ),
        "",
    ]


def need_lines(card: dict[str, Any]) -> list[str]:
    """By service, of the unmet needs that records show, the share reached at a tenth."""
    told = [one for one in card["heads"] if one["unmet_need"].get("ground")]
    untold = [one for one in card["heads"] if one["unmet_need"].get("why_not")]
    if not told and not untold:
        return []
    return [
        "## Unmet need reached",
        "",
        "Of the people of the test period in whom records show a need and who did not come by "
        "themselves, the share among the best-scored tenth of the candidates. *checks*: shown by "
        "random checks. *rules*: the rules call them eligible; a model that follows rules does "
        "well here by its making, and of whom rules cannot judge it says nothing.",
        "",
        "| service | shown by | needs | by this model | champion | take-up model | logistic |",
        "|---|---|---|---|---|---|---|",
        *(_service(one) for one in told),
        "",
        *(f"- {one['title']}: not measured, {one['unmet_need']['why_not']}" for one in untold),
        "",
    ]


def _champion(asked: dict[str, Any]) -> list[str]:
    if not asked:
        return []
    warning = "; it knew outcomes of this period, and looks better than it is"
    return ["", f"The champion was {asked['version']}{warning if asked['knew_the_test'] else ''}."]


def _service(one: dict[str, Any]) -> str:
    need = one["unmet_need"]
    reached = (
        _between(need["at_capacity"].get(name))
        for name in ("heads", "champion", "take_up", "logistic")
    )
    return f"| {' | '.join([one['title'], need['ground'], str(need['shown']), *reached])} |"


def _between(found: dict[str, Any] | None) -> str:
    if not found or found["value"] is None:
        return "–"
    if found["low"] is None:
        return f"{found['value']:.3f}"
    return f"{found['value']:.3f} ({found['low']:.3f}–{found['high']:.3f})"
