"""Friction as plain SQL: turns, repetitions, contacts on the same need, and the clocks of cases.

In the town no event hands a case over or reopens it, and no case is about a service, so that one
case does not succeed another.
"""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks._signals_sql_parts import Part, Town, windows

_WORK = "type IN ('case-opened', 'case-step', 'case-suspended', 'case-closed')"
_COURSE = (
    "type IN ('case-opened', 'case-step', 'case-suspended', 'case-closed', "
    "'granted', 'refused', 'ended')"
)
_RESTS_ON = {
    "handovers": "employee",
    "spirals": "employee",
    "team_spirals": "team",
    "reassignments": "team",
    "repeats": "step",
    "redos": "step",
    "repeat_contact": "need",
    "channel_switches": "channel",
    "contacts_without_result": "need",
}
_IN_CASES = ("handovers", "spirals", "team_spirals", "reassignments", "repeats", "redos")
_IN_CONTACTS = ("repeat_contact", "channel_switches", "contacts_without_result")
_MARKS = {
    "work": (*_IN_CASES, "follow_ups", "employee", "team", "step"),
    "contact": (*_IN_CONTACTS, "failed_contacts", "asked_on", "need", "channel"),
}
_CASE = "citizen, source, case_id"


def friction_part(town: Town) -> Part:
    """A mark for each measure at each event, added up by citizen and window; and the clocks."""
    return Part(
        f"""
{_work_tables()},
{_contact_tables()},
{_clock_tables(town)},
{_pending_tables()},
worked AS (SELECT citizen, {", ".join(_added(town, "work"))} FROM work_marks GROUP BY citizen),
called AS (SELECT citizen, {", ".join(_added(town, "contact"))}
  FROM contact_marks GROUP BY citizen),
recent AS (
  SELECT citizen, {", ".join(_anywhere(town))} FROM past WHERE {_WORK} GROUP BY citizen
)""",
        ("worked", "called", "recent", "waited", "at_work"),
        (*_within(town), *_now()),
    )


def _work_tables() -> str:
    return f"""
work AS (
  SELECT *, json_extract_string(attributes, '$.step') AS step_name FROM past
  WHERE {_WORK} AND case_id IS NOT NULL
),
{_turns("actor")},
{_turns("team")},
again AS (
  SELECT citizen, place, actor, lag(actor) OVER (
    PARTITION BY {_CASE}, step_name ORDER BY place) AS before
  FROM work WHERE step_name IS NOT NULL AND actor IS NOT NULL
),
follow_up AS (
  SELECT *, row_number() OVER (PARTITION BY {_CASE} ORDER BY place) > 1 AS follows FROM work
),
work_marks AS (
  SELECT citizen, age,
    actor_turns.before IS NOT NULL AS handovers,
    actor_turns.actor = actor_turns.earlier AS spirals,
    team_turns.team = team_turns.earlier AS team_spirals,
    team_turns.before IS NOT NULL AS reassignments,
    again.before = again.actor AS repeats,
    again.before <> again.actor AS redos,
    follows AS follow_ups,
    follows AND follow_up.actor IS NOT NULL AS employee,
    follows AND follow_up.team IS NOT NULL AS team,
    follows AND follow_up.actor IS NOT NULL AND step_name IS NOT NULL AS step
  FROM follow_up
  LEFT JOIN actor_turns USING (citizen, place)
  LEFT JOIN team_turns USING (citizen, place)
  LEFT JOIN again USING (citizen, place)
)"""


def _turns(who: str) -> str:
    """The first event of each turn, with whose turns came before it."""
    ordered = f"OVER (PARTITION BY {_CASE} ORDER BY place)"
    return f"""
{who}_told AS (
  SELECT {_CASE}, place, {who}, lag({who}) {ordered} AS last_seen
  FROM work WHERE {who} IS NOT NULL
),
{who}_turns AS (
  SELECT citizen, place, {who}, lag({who}) {ordered} AS before, lag({who}, 2) {ordered} AS earlier
  FROM {who}_told WHERE {who} IS DISTINCT FROM last_seen
)"""


def _contact_tables() -> str:
    same = "OVER (PARTITION BY citizen, need ORDER BY place)"
    return f"""
called_about AS (
  SELECT citizen, place, age, type, channel,
    coalesce(case_type, case_id, json_extract_string(attributes, '$.subject')) AS need,
    lag(age) OVER (PARTITION BY citizen ORDER BY place) AS last_age
  FROM past WHERE type IN ('contact', 'contact-failed')
),
needed AS (
  SELECT *,
    CASE WHEN need IS NOT NULL THEN lag(age) {same} END AS asked_age,
    CASE WHEN need IS NOT NULL THEN lag(channel) {same} END AS asked_by,
    CASE WHEN need IS NOT NULL THEN lead(age) {same} END AS again_age
  FROM called_about
),
done AS (SELECT DISTINCT citizen, age AS done_age FROM past WHERE {_COURSE}),
contact_marks AS (
  SELECT needed.citizen, age,
    asked_age - age <= 28 AS repeat_contact,
    asked_age - age <= 28 AND channel <> asked_by AS channel_switches,
    type = 'contact-failed' AS failed_contacts,
    type = 'contact-failed' OR coalesce(
      age - again_age <= 28 AND (done_age IS NULL OR done_age > age), false
    ) AS contacts_without_result,
    last_age - age <= 28 AS asked_on,
    last_age - age <= 28 AND need IS NOT NULL AS need,
    last_age - age <= 28 AND need IS NOT NULL AND channel IS NOT NULL AS channel
  FROM needed ASOF LEFT JOIN done
    ON needed.citizen = done.citizen AND needed.again_age <= done.done_age
)"""


def _clock_tables(town: Town) -> str:
    case = f"PARTITION BY {_CASE} ORDER BY place"
    return f"""
course AS (
  SELECT *, type = 'case-opened' AS opens,
    type IN ('case-closed', 'granted', 'refused', 'ended') AS settles,
    coalesce(lead(age) OVER (PARTITION BY {_CASE} ORDER BY place), 0) AS next_age
  FROM past WHERE {_COURSE} AND case_id IS NOT NULL
),
openings AS (
  SELECT *,
    max(CASE WHEN opens THEN place END) OVER ({case} ROWS BETWEEN UNBOUNDED PRECEDING
      AND 1 PRECEDING) AS last_opening,
    max(CASE WHEN settles THEN place END) OVER ({case} ROWS BETWEEN UNBOUNDED PRECEDING
      AND 1 PRECEDING) AS last_settling
  FROM course
),
opened AS (
  SELECT *, max(CASE WHEN opens AND (last_opening IS NULL OR last_opening < last_settling)
    THEN place END) OVER (PARTITION BY {_CASE}) AS opening
  FROM openings
),
settled AS (
  SELECT *, min(CASE WHEN settles AND place > opening THEN place END) OVER (
    PARTITION BY {_CASE}) AS settling
  FROM opened
),
clock AS (
  SELECT {_CASE}, max(opening) IS NOT NULL AND max(settling) IS NULL AS still_open,
    min(age) AS idle,
    max(age) FILTER (place = opening) - coalesce(sum(age - next_age) FILTER (
      type = 'case-suspended' AND place > opening), 0) AS running,
    arg_max(case_type, place) AS kind
  FROM settled GROUP BY {_CASE}
),
calendar AS ({_calendar(town)}),
waited AS (
  SELECT citizen, count(*) FILTER (idle <= 365) AS open_cases,
    count(*) FILTER (idle > 365) AS silent_cases,
    max(idle) FILTER (idle <= 365) AS idle_days,
    max(working) FILTER (idle <= 365) AS idle_working_days,
    max(running - norm) FILTER (idle <= 365) AS past_norm,
    max(running - term) FILTER (idle <= 365) AS past_term
  FROM clock LEFT JOIN calendar ON days_ago = idle
  LEFT JOIN (VALUES {_limits(town)}) AS limits (kind, norm, term) USING (kind)
  WHERE still_open GROUP BY citizen
)"""


def _limits(town: Town) -> str:
    told = (
        f"('{name}', {kind.norm_days or kind.term_days}, {kind.term_days})"
        for name, kind in town.pack.domain.case_types.items()
    )
    return ", ".join(told)


def _calendar(town: Town) -> str:
    """For how many days ago: the working days since, today included."""
    calendar = town.pack.domain.calendar
    week = ", ".join(str(day) for day in calendar.weekdays)
    holidays = ", ".join(f"DATE '{day}'" for day in calendar.holidays) or "NULL"
    works = f"isodow(day) IN ({week}) AND (day IN ({holidays})) IS NOT TRUE"
    return (
        f"SELECT days_ago, sum(works::INT) OVER (ORDER BY days_ago) - works::INT AS working FROM ("
        f"SELECT range AS days_ago, {town.day} - range::INT AS day, {works} AS works "
        "FROM range(0, 10000))"
    )


def _pending_tables() -> str:
    steps = "'applied', 'granted', 'refused', 'ended'"
    return f"""
pending AS (
  SELECT citizen, arg_max(type, place) AS last_step, arg_max(source, place) AS source,
    arg_max(age, place) AS age
  FROM past WHERE type IN ({steps}) AND case_type IS NOT NULL GROUP BY citizen, case_type
),
busy AS (
  SELECT citizen, source FROM pending WHERE last_step = 'applied' AND age < 365
  UNION ALL SELECT citizen, source FROM clock WHERE still_open AND idle <= 365
),
at_work AS (SELECT citizen, count(DISTINCT source) AS organisations FROM busy GROUP BY citizen)"""


def _added(town: Town, what: str) -> Iterator[str]:
    for mark in _MARKS[what]:
        for days in windows(town.pack, "friction"):
            yield f"count(*) FILTER ({mark} AND age < {days}) AS {mark}_{days}"


def _anywhere(town: Town) -> Iterator[str]:
    """Of work with and without a case."""
    yield "count(*) FILTER (age < 365) AS possible"
    yield "count(case_id) FILTER (age < 365) AS in_case"
    for days in windows(town.pack, "friction"):
        yield f"count(*) FILTER (case_id IS NULL AND age < {days}) AS caseless_{days}"
        yield (f"count(*) FILTER (type = 'case-suspended' AND age < {days}) AS suspensions_{days}")


def _within(town: Town) -> Iterator[str]:
    for days in windows(town.pack, "friction"):
        in_cases = f"(coalesce(follow_ups_{days}, 0) + coalesce(caseless_{days}, 0))"
        for measure, told in _RESTS_ON.items():
            possible = in_cases if measure in _IN_CASES else f"asked_on_{days}"
            known = _known(f"{measure}_{days}", possible, f"{told}_{days}")
            yield f"{known} AS friction_{measure}_{days}d"
        for measure in ("suspensions", "failed_contacts"):
            yield f"coalesce({measure}_{days}, 0) AS friction_{measure}_{days}d"
        yield f"0 AS friction_reopenings_{days}d"
        share = f"coalesce(employee_{days}, 0) / nullif({in_cases}, 0)"
        yield f"{share} AS friction_employee_told_{days}d"


def _now() -> Iterator[str]:
    for measure, found in (
        ("open_cases", "open_cases"),
        ("concurrent_organisations", "organisations"),
        ("days_past_norm", "greatest(past_norm, 0)"),
        ("days_past_term", "greatest(past_term, 0)"),
    ):
        yield f"{_known(found, 'possible', 'in_case')} AS friction_{measure}"
    yield "waited.idle_days AS friction_idle_days"
    yield "waited.idle_working_days AS friction_idle_working_days"
    yield "coalesce(waited.silent_cases, 0) AS friction_silent_cases"


def _known(found: str, possible: str, told: str) -> str:
    """None is not known where less than half of what could show it was told."""
    return (
        f"CASE WHEN coalesce({found}, 0) > 0 "
        f"OR coalesce({told}, 0) >= 0.5 * coalesce({possible}, 0) THEN coalesce({found}, 0) END"
    )
