"""The model card: what a bundle is for, what it learned from, how good it is and where it is not.

After Mitchell et al. (2019). The card is a plain dictionary, and Markdown is made of it.
"""

from __future__ import annotations

from typing import Any

from features.domain import Sensitivity
from features.pack import Pack
from models.bundle import Bundle
from models.cards.cohort_section import cohort_lines, maturity_lines
from models.cards.fairness_section import fairness_lines
from models.cards.need_section import list_lines, need_lines
from models.heads import Head, Prior
from models.support import calibration_told

PURPOSE = (
    "Ranks, for one citizen at a time, the services that may fit and are not yet used. A person "
    "decides; the model grants and refuses nothing."
)
NOT_FOR = (
    "Decisions on applications, checks on fraud or abuse, any use in which a low score harms "
    "someone, and citizens of another organisation than the one it was trained on."
)
LIMITS = (
    "Unaided take-up is estimated for people and periods without help; help is assumed to come "
    "independently of take-up, given the service and the date.",
    "Entitlement where the rules do not decide has its shape from people who have the service and "
    "its level from the ground named for each service; decisions on applications are a ceiling for "
    "those who never applied. Where only bounds are left, the estimate is an assumption.",
    "A prior is the same for everyone with the same verdict: it ranks nobody within a service.",
    "Groups of protected attributes are never signals; proxies for them may be. See the fairness "
    "report that belongs to this version.",
)


def model_card(bundle: Bundle, pack: Pack) -> dict[str, Any]:
    """The card as plain JSON."""
    language = "en" if "en" in pack.languages else pack.languages[0]
    return {
        "title": f"{pack.say(pack.domain.title, language)}: {bundle.version}",
        "version": bundle.version,
        "pack": bundle.pack,
        "pack_checksum": bundle.pack_checksum,
        "trained_at": bundle.trained_at.isoformat(),
        "purpose": PURPOSE,
        "not_for": NOT_FOR,
        "data": bundle.training.get("data", {}),
        "split": bundle.training.get("split", {}),
        "settings": bundle.training.get("settings", {}),
        "signals": len(bundle.columns.names),
        "never_used": sorted(pack.facts(Sensitivity.NEVER)),
        "rules_only": sorted(pack.facts(Sensitivity.CRITERION_ONLY)),
        "summary": bundle.metrics,
        "lists": bundle.evaluation.get("lists", {}),
        "list_intervals": bundle.evaluation.get("list_intervals", {}),
        "champion": bundle.evaluation.get("incumbent", {}),
        "cohort": bundle.evaluation.get("cohort", {}),
        "maturity": bundle.evaluation.get("maturity", {}),
        "support": bundle.evaluation.get("support", {}),
        "heads": [_head(head, pack, language, bundle.evaluation) for head in bundle.heads.values()],
        "fairness": bundle.evaluation.get("fairness", {}),
        "without": bundle.training.get("without", []),
        "leaks": [one for one in bundle.evaluation.get("leaks", []) if one["leak"]],
        "limits": list(LIMITS),
    }


def markdown(card: dict[str, Any]) -> str:
    """The card as a page."""
    data, split = card["data"], card["split"]
    lines = [
        f"# {card['title']}",
        "",
        card["purpose"],
        "",
        f"**Not for:** {card['not_for']}",
        "",
        "## Trained on",
        "",
        f"- Knowledge until {card['trained_at']}, lake checksum `{data.get('lake_checksum', '')}`",
        f"- {data.get('citizens', 0)} citizens, {data.get('rows', 0)} rows, "
        f"{card['signals']} signals",
        f"- Rules of pack `{card['pack']}`, checksum `{card['pack_checksum'][:12]}`",
        f"- Split by time into {split.get('form', '?')}, {split.get('embargo_days', '?')} days "
        "between one and the next",
        f"- Never used: {', '.join(card['never_used']) or 'nothing declared'}; "
        f"by rules alone: {', '.join(card['rules_only']) or 'nothing declared'}",
        f"- Left out of this training: {', '.join(card['without']) or 'nothing'}",
        "",
        "## How good, on the test period",
        "",
        "Unaided take-up within the horizon; 95% intervals draw whole citizens.",
        "",
        "| service | basis | took up | AUC | logistic | rules | take-up model | champion | "
        "calibration error | for whom |",
        "|---|---|---|---|---|---|---|---|---|---|",
        *(_row(head) for head in card["heads"]),
        "",
        *list_lines(card),
        *need_lines(card),
        *cohort_lines(card),
        *maturity_lines(card),
        *support_lines(card),
        *fairness_lines(card["fairness"]),
        "## Signals that know too much",
        "",
        *(_leaks(card["leaks"])),
        "",
        "## Limits",
        "",
        *(f"- {limit}" for limit in card["limits"]),
        "",
    ]
    return "\n".join(lines)


def support_lines(card: dict[str, Any]) -> list[str]:
    """What the estimates of entitlement rest on, as a section; nothing where there are none."""
    titles = {head["service"]: head["title"] for head in card["heads"]}
    rows = [
        _support_row(titles.get(service, service), found)
        for service, found in card.get("support", {}).items()
        if found["shares"]
    ]
    if not rows:
        return []
    return [
        "## On what entitlement rests",
        "",
        "Shares of the candidates of the test period. Between: the share of entitled that the "
        "records allow, when nobody is whom nothing shows to be; the estimate; when who does not "
        "apply is entitled as often as who does; when everybody is whom nothing excludes.",
        "",
        calibration_told(card["support"]),
        "",
        "| service | candidates | rules | checks | decisions | prior | only bounds | between | "
        "level from |",
        "|---|---|---|---|---|---|---|---|---|",
        *rows,
        "",
    ]


def _support_row(title: str, found: dict[str, Any]) -> str:
    shares = (f"{share:.0%}" for share in found["shares"].values())
    between = " – ".join(_number(value) for value in (found["entitled_between"] or {}).values())
    anchor = found["grounds"].get("anchor", {}).get("source", "–")
    return f"| {' | '.join([title, str(found['candidates']), *shares, between, anchor])} |"


def _leaks(leaks: list[dict[str, Any]]) -> list[str]:
    if not leaks:
        return ["None was found."]
    return [f"- `{one['signal']}`, of {one['service']}: {one['because']}" for one in leaks]


def _head(head: Head, pack: Pack, language: str, evaluation: dict[str, Any]) -> dict[str, Any]:
    measured = evaluation.get("heads", {}).get(head.service, {})
    baselines = measured.get("baselines", {})
    service = pack.services.get(head.service)
    return {
        "service": head.service,
        "title": pack.say(service.title, language) if service else head.service,
        "objective": head.objective.value,
        "horizon_days": head.horizon_days,
        "basis": "prior" if isinstance(head.unaided, Prior) else "model",
        "population": _population(head),
        "positives": measured.get("positives"),
        "rows": measured.get("rows"),
        "auc": measured.get("auc", {}),
        "auc_logistic": baselines.get("logistic", {}).get("auc"),
        "auc_rules": baselines.get("rules", {}).get("auc"),
        "auc_take_up": baselines.get("take_up", {}).get("auc"),
        "auc_champion": baselines.get("champion", {}).get("auc"),
        "unmet_need": measured.get("unmet_need", {}),
        "calibration_error": measured.get("metrics", {}).get("calibration_error"),
    }


def _population(head: Head) -> str:
    if isinstance(head.unaided, Prior):
        return f"prior: {head.unaided.reason}"
    return head.unaided.population


def _row(head: dict[str, Any]) -> str:
    auc = head["auc"]
    interval = f"{_number(auc.get('value'))} ({_number(auc.get('low'))}–{_number(auc.get('high'))})"
    cells = [
        head["title"],
        head["basis"],
        str(head["positives"]) if head["positives"] is not None else "–",
        interval,
        _number(head["auc_logistic"]),
        _number(head["auc_rules"]),
        _number(head["auc_take_up"]),
        _number(head["auc_champion"]),
        _number(head["calibration_error"]),
        head["population"],
    ]
    return f"| {' | '.join(cells)} |"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
