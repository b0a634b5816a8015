"""The dictionary of signals: for a terminal, for a program, and as a page for who guards privacy.

Of each signal it says the family, what it means, its unit, the sources it rests on, the purposes it
may serve, and on what legal ground: that of each source, and that of each purpose.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from features.families import Signal
from features.pack import Pack
from features.units import unit_title

_WORDS = {
    "en": {
        "title": "Signals of {pack}",
        "intro": "What models may see of a citizen: {count} signals, by family. A signal may serve "
        "the purposes that every one of its sources allows.",
        "purpose": "Limited to the purpose “{purpose}”.",
        "purposes": "Purposes",
        "sources": "Sources",
        "columns": "| signal | meaning | unit | sources | purposes |",
        "grounds": "| | legal basis |",
        "none": "no source",
        "no_purpose": "no purpose",
    },
    "nl": {
        "title": "Signalen van {pack}",
        "intro": "Wat modellen van een inwoner mogen zien: {count} signalen, per familie. Een "
        "signaal mag dienen voor de doelen die al zijn bronnen toestaan.",
        "purpose": "Beperkt tot het doel “{purpose}”.",
        "purposes": "Doelen",
        "sources": "Bronnen",
        "columns": "| signaal | betekenis | eenheid | bronnen | doelen |",
        "grounds": "| | grondslag |",
        "none": "geen bron",
        "no_purpose": "geen doel",
    },
}


def as_json(pack: Pack, signals: Iterable[Signal]) -> dict[str, Any]:
    """Everything that is declared, with the grounds once a source and purpose."""
    domain = pack.domain
    return {
        "signals": [
            {
                "name": signal.name,
                "family": signal.family,
                "unit": signal.unit,
                "kind": signal.kind,
                "concept": signal.concept,
                "sources": sorted(signal.sources),
                "purposes": sorted(signal.may_serve(pack)),
                "legal_basis": {one: domain.sources[one].legal_basis for one in _sources(signal)},
                "meaning": signal.meaning,
            }
            for signal in signals
        ],
        "sources": {
            name: {"title": source.title, "legal_basis": source.legal_basis}
            for name, source in domain.sources.items()
        },
        "purposes": {
            name: {"title": purpose.title, "legal_basis": purpose.legal_basis}
            for name, purpose in domain.purposes.items()
        },
    }


def as_lines(pack: Pack, signals: Iterable[Signal], language: str, width: int) -> Iterator[str]:
    """For a terminal of ``width`` characters: by family, wrapped; signals of equal sources and
    purposes share what is said of those."""
    said = _words(pack, language)
    for family, members in groupby(signals, key=lambda signal: signal.family):
        yield ""
        yield family
        yield "=" * len(family)
        for ground, alike in groupby(members, key=lambda one: _grounds(pack, one, language, said)):
            for signal in alike:
                unit = unit_title(pack, signal.unit, language)
                told = f"{pack.say(signal.meaning, language)} [{unit}]"
                yield f"  {signal.name}"
                yield from _wrapped(told, width, 6)
            for line in ground:
                yield from _wrapped(line, width, 4)
            yield ""


def as_markdown(
    pack: Pack, signals: Iterable[Signal], language: str, purpose: str | None = None
) -> str:
    """A page with the grounds of every source and purpose first, then a table a family."""
    told, said = tuple(signals), _words(pack, language)
    title = said["title"].format(pack=pack.say(pack.domain.title, language))
    parts = [f"# {title}", said["intro"].format(count=len(told))]
    if purpose is not None:
        name = pack.say(pack.domain.purposes[purpose].title, language)
        parts.append(said["purpose"].format(purpose=name))
    for heading, of in (("sources", pack.domain.sources), ("purposes", pack.domain.purposes)):
        rows = [
            f"| {_cell(pack.say(one.title, language))} (`{name}`) | {_cell(one.legal_basis)} |"
            for name, one in of.items()
        ]
        parts.append(f"## {said[heading]}\n\n" + "\n".join([said["grounds"], "|---|---|", *rows]))
    for family, members in groupby(told, key=lambda signal: signal.family):
        rows = [_row(pack, signal, language, said) for signal in members]
        table = [said["columns"], "|---|---|---|---|---|", *rows]
        parts.append(f"## {family}\n\n" + "\n".join(table))
    return "\n\n".join(parts) + "\n"


def _row(pack: Pack, signal: Signal, language: str, said: dict[str, str]) -> str:
    cells = (
        f"`{signal.name}`",
        pack.say(signal.meaning, language),
        unit_title(pack, signal.unit, language),
        ", ".join(_sources(signal)) or said["none"],
        ", ".join(sorted(signal.may_serve(pack))) or said["no_purpose"],
    )
    return "| " + " | ".join(_cell(cell) for cell in cells) + " |"


def _grounds(pack: Pack, signal: Signal, language: str, said: dict[str, str]) -> tuple[str, str]:
    domain = pack.domain
    sources = "; ".join(
        f"{pack.say(domain.sources[one].title, language)} ({domain.sources[one].legal_basis})"
        for one in _sources(signal)
    )
    purposes = "; ".join(
        f"{pack.say(domain.purposes[one].title, language)} ({domain.purposes[one].legal_basis})"
        for one in sorted(signal.may_serve(pack))
    )
    return (
        f"{said['sources']}: {sources or said['none']}",
        f"{said['purposes']}: {purposes or said['no_purpose']}",
    )


def _sources(signal: Signal) -> list[str]:
    return sorted(signal.sources)


def _wrapped(text: str, width: int, indent: int) -> list[str]:
    margin = " " * indent
    return textwrap.wrap(
        text,
        max(width, 40),
        initial_indent=margin,
        subsequent_indent=margin,
        break_long_words=False,
    )


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())


def _words(pack: Pack, language: str) -> dict[str, str]:
    return _WORDS.get(language) or _WORDS.get(pack.languages[0]) or _WORDS["en"]
