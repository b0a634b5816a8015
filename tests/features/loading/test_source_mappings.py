"""Mappings of sources: what they name is in the domain, and fits."""

import pytest

from tests.features.loading.faults import REGISTER, Fault, assert_named

MAPPINGS: dict[str, Fault] = {
    "source": (REGISTER, "source", "registry", None, "no source 'registry'"),
    "scheme": (REGISTER, "files.0.subject.scheme", "ssn", None, "no identifier scheme"),
    "link's scheme": (
        REGISTER,
        "files.0.links",
        [{"column": "c", "scheme": "client"}],
        "files.0.links.0.scheme",
        "no identifier scheme",
    ),
    "event type": (
        REGISTER,
        "files.0.events.0.type",
        {"const": "move"},
        "files.0.events.0.type.const",
        "mean moved",
    ),
    "mapped event type": (REGISTER, "files.0.events.0.type.map.V", "move", None, "mean moved"),
    "otherwise": (REGISTER, "files.0.events.0.type.otherwise", "else", None, "no event type"),
    "channel": (REGISTER, "files.0.events.0.channel.const", "fax", None, "no channel"),
    "case type": (
        REGISTER,
        "files.0.events.0.case_type",
        {"const": "rent-aid"},
        "files.0.events.0.case_type.const",
        "mean rent-help",
    ),
    "condition": (REGISTER, "files.0.events.0.when", "a >", None, "not an SQL"),
    "moment": (
        REGISTER,
        "files.0.events.0.occurred_at",
        {"sql": "a ||"},
        "files.0.events.0.occurred_at.sql",
        "not an SQL",
    ),
    "moment's zone": (
        REGISTER,
        "files.0.events.0.occurred_at.time_zone",
        "Mars",
        None,
        "no time zone",
    ),
    "withdrawal": (REGISTER, "files.0.facts.0.withdrawn_when", "a >", None, "not an SQL"),
    "revised when": (
        REGISTER,
        "files.0.facts.1.revisable",
        True,
        "files.0.facts.1.known_at",
        "when it knew of each version",
    ),
    "revised what": (
        REGISTER,
        "files.0.events.0",
        {
            "type": {"const": "moved"},
            "occurred_at": {"column": "on"},
            "known_at": {"column": "on"},
            "withdrawn_when": "what = 'X'",
        },
        "files.0.events.0.event_id",
        "the source's own id",
    ),
    "fact": (REGISTER, "files.0.facts.0.name", "tenur", None, "mean tenure"),
    "category": (REGISTER, "files.0.facts.0.value.map.H", "rental", None, "no value of tenure"),
    "number": (
        REGISTER,
        "files.0.facts.1.value",
        {"column": "i", "map": {"x": "lots"}},
        "files.0.facts.1.value.map.x",
        "expected a number",
    ),
    "date format": (REGISTER, "files.0.facts.1.date_format", "%Y", None, "not a date"),
    "decimal comma": (REGISTER, "files.0.facts.0.decimal_comma", True, None, "not a number"),
    "relation": (REGISTER, "files.0.relations.0.kind.const", "cousin", None, "no relation"),
    "types of a text file": (REGISTER, "files.0.types", {"a": "date"}, None, "text only"),
    "delimiter": (REGISTER, "files.0.delimiter", ";;", None, "one character"),
    "unpivot": (
        REGISTER,
        "files.0.unpivot",
        {"columns": "("},
        "files.0.unpivot.columns",
        "regular expression",
    ),
}


@pytest.mark.parametrize(
    ("file", "key", "value", "named", "says"), MAPPINGS.values(), ids=list(MAPPINGS)
)
def test_a_fault_names_file_and_key(tmp_path, file, key, value, named, says):
    assert_named(tmp_path, file, key, value, named, says)
