"""What would change the answer, in words."""

from __future__ import annotations

from features.pack import Pack
from models.turning_points import TurningPoint, Value
from serving.fact_texts import amount_text, category_text
from serving.phrases import phrase


def turning_text(point: TurningPoint, title: str, pack: Pack, language: str) -> str:
    """``Savings (not known): from € 7,770 on, this does not fit.``

    ``title`` is what people call the fact.
    """
    values = [_value(pack, point.fact, one, language) for one in point.values]
    if len(values) > 1:
        said = phrase("either", language, first=", ".join(values[:-1]), last=values[-1])
    else:
        said = values[0]
    bound = phrase(f"turn-{point.bound}", language, value=said)
    effect = phrase(f"turn-{point.effect}", language)
    key = "turn-known" if point.known else "turn-unknown"
    return phrase(key, language, fact=title, bound=bound, effect=effect)


def _value(pack: Pack, fact: str, value: Value, language: str) -> str:
    if isinstance(value, bool):
        return phrase("yes" if value else "no", language)
    if isinstance(value, str):
        return category_text(pack, fact, value, language)
    return amount_text(pack, value, pack.domain.facts[fact].unit, language)
