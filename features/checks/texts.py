"""Every text is given in every language of the pack, and fits where it is shown."""

from __future__ import annotations

from collections.abc import Iterator
from string import Formatter

from pydantic import BaseModel

from features.checks.draft import Draft
from features.domain import Labels, Text
from features.errors import PackError
from features.pack_files import Key, PackFile

HEADLINE = 140
"""A headline is shorter than this many characters, so that it fits a card's summary."""

NAME_ROOM = 40
"""The characters kept free for ``{citizen}``."""


def check_texts(draft: Draft) -> None:
    """Refuse a text that misses a language, and a headline that does not fit a card."""
    for file, key, text in _texts(draft):
        _in_every_language(draft, file, key, text)
    for name, service in draft.pack.services.items():
        for language, headline in service.headline.items():
            problem = headline_problem(headline)
            if problem:
                raise draft.service_fault(name, ("headline", language), problem)


def headline_problem(headline: str) -> str | None:
    """What is wrong with a headline, or None."""
    try:
        places = [field for _, field, _, _ in Formatter().parse(headline) if field is not None]
    except ValueError as fault:
        return f"is not a text with {{citizen}} in it: {fault}"
    if set(places) - {"citizen"}:
        return f"{{{(set(places) - {'citizen'}).pop()}}} cannot be filled in; only {{citizen}} can"
    length = len(headline.replace("{citizen}", "")) + NAME_ROOM * len(places)
    if length < HEADLINE:
        return None
    return f"is {length} characters long with {NAME_ROOM} for a name; expected under {HEADLINE}"


def _in_every_language(draft: Draft, file: PackFile, key: Key, text: Text) -> None:
    languages = draft.pack.languages
    for language in languages:
        if not text.get(language, "").strip():
            raise _fault(file, key, f"the text in {language!r} is missing", languages)
    for language in text.keys() - set(languages):
        raise _fault(file, key, f"{language!r} is not a language of this pack", languages)


def _fault(file: PackFile, key: Key, problem: str, languages: tuple[str, ...]) -> PackError:
    return file.fault(key, f"{problem}; expected a text in each of {', '.join(languages)}")


def _texts(draft: Draft) -> Iterator[tuple[PackFile, Key, Text]]:
    pack = draft.pack
    for key, text in _of(pack.domain, ()):
        yield draft.domain, key, text
    for name, parameter in pack.parameters.items():
        for key, text in _of(parameter, ("parameters", name)):
            yield draft.parameters, key, text
    for name, life_event in pack.life_events.items():
        for key, text in _of(life_event, ("life_events", name)):
            yield draft.life_events, key, text
    for name, service in pack.services.items():
        for key, text in _of(service, ("services", name)):
            yield draft.homes[f"services.{name}"], key, text


def _of(value: object, key: Key) -> Iterator[tuple[Key, Text]]:
    """The texts inside ``value``, by the type that its model declares."""
    if isinstance(value, BaseModel):
        for name, field in type(value).model_fields.items():
            inside = getattr(value, name)
            if field.annotation in (Text, Text | None):
                if inside is not None and name in value.model_fields_set:
                    yield (*key, name), inside
            elif field.annotation == Labels:
                yield from (((*key, name, one), text) for one, text in inside.items())
            else:
                yield from _of(inside, (*key, name))
    elif isinstance(value, dict):
        for name, inside in value.items():
            yield from _of(inside, (*key, name))
    elif isinstance(value, tuple):
        for index, inside in enumerate(value):
            yield from _of(inside, (*key, index))
