"""What the friction signals mean, in words."""

from __future__ import annotations

from features.domain import Text

WITHIN: dict[str, tuple[str, Text]] = {
    "handovers": (
        "times",
        {
            "en": "Times a case went to another employee in the last {days} days",
            "nl": "Keren dat een zaak naar een andere medewerker ging in de laatste {days} dagen",
        },
    ),
    "spirals": (
        "times",
        {
            "en": "Times a case went back to who had handed it over, in the last {days} days",
            "nl": "Keren dat een zaak terugkwam bij wie hem overdroeg, in de laatste {days} dagen",
        },
    ),
    "team_spirals": (
        "times",
        {
            "en": "Times a case went back to the team that had passed it on, "
            "in the last {days} days",
            "nl": "Keren dat een zaak terugkwam bij het team dat hem doorgaf, "
            "in de laatste {days} dagen",
        },
    ),
    "reassignments": (
        "times",
        {
            "en": "Times a case was passed on to another team in the last {days} days",
            "nl": "Keren dat een zaak is doorgegeven aan een ander team in de laatste {days} dagen",
        },
    ),
    "repeats": (
        "times",
        {
            "en": "Steps that the same employee did again in the last {days} days",
            "nl": "Stappen die dezelfde medewerker overdeed in de laatste {days} dagen",
        },
    ),
    "redos": (
        "times",
        {
            "en": "Steps that another employee did again in the last {days} days",
            "nl": "Stappen die een andere medewerker overdeed in de laatste {days} dagen",
        },
    ),
    "reopenings": (
        "times",
        {
            "en": "Cases opened again in the last {days} days",
            "nl": "Heropende zaken in de laatste {days} dagen",
        },
    ),
    "suspensions": (
        "times",
        {
            "en": "Times a case was suspended in the last {days} days",
            "nl": "Keren dat een zaak werd opgeschort in de laatste {days} dagen",
        },
    ),
    "employee_told": (
        "share",
        {
            "en": "Share of the follow-up steps in the last {days} days of which the employee is "
            "recorded: without it handovers cannot be seen",
            "nl": "Aandeel van de vervolgstappen in de laatste {days} dagen waarvan de medewerker "
            "is vastgelegd: zonder dat zijn overdrachten niet te zien",
        },
    ),
    "repeat_contact": (
        "times",
        {
            "en": "Contacts on the same need within 28 days, in the last {days} days",
            "nl": "Contacten over dezelfde vraag binnen 28 dagen, in de laatste {days} dagen",
        },
    ),
    "channel_switches": (
        "times",
        {
            "en": "Contacts on the same need within 28 days by another channel, "
            "in the last {days} days",
            "nl": "Contacten over dezelfde vraag binnen 28 dagen via een ander kanaal, "
            "in de laatste {days} dagen",
        },
    ),
    "failed_contacts": (
        "times",
        {
            "en": "Contacts that did not get through in the last {days} days",
            "nl": "Contacten die niet tot stand kwamen in de laatste {days} dagen",
        },
    ),
    "contacts_without_result": (
        "times",
        {
            "en": "Contacts in the last {days} days that did not get through, or after which "
            "nothing was done before the next contact on the same need",
            "nl": "Contacten in de laatste {days} dagen die niet tot stand kwamen, of waarna niets "
            "gebeurde voor het volgende contact over dezelfde vraag",
        },
    ),
}
"""Measures over a window: unit and meaning."""

NOW: dict[str, tuple[str, Text]] = {
    "open_cases": (
        "cases",
        {
            "en": "Cases open now: not decided on and not closed",
            "nl": "Zaken die nu lopen: niet besloten en niet afgesloten",
        },
    ),
    "concurrent_organisations": (
        "organisations",
        {
            "en": "Organisations at work for this citizen at once",
            "nl": "Organisaties die nu tegelijk voor deze inwoner aan het werk zijn",
        },
    ),
    "days_past_norm": (
        "days",
        {
            "en": "Calendar days that the slowest open case is past its norm, without suspensions",
            "nl": "Kalenderdagen dat de traagste lopende zaak over de norm is, zonder opschorting",
        },
    ),
    "days_past_term": (
        "days",
        {
            "en": "Calendar days that the slowest open case is past its statutory term, "
            "without suspensions",
            "nl": "Kalenderdagen dat de traagste lopende zaak over de wettelijke termijn is, "
            "zonder opschorting",
        },
    ),
    "idle_days": (
        "days",
        {
            "en": "Days without any step in the open case that has waited longest",
            "nl": "Dagen zonder stap in de lopende zaak die het langst stilligt",
        },
    ),
    "idle_working_days": (
        "days",
        {
            "en": "Working days without any step in the open case that has waited longest",
            "nl": "Werkdagen zonder stap in de lopende zaak die het langst stilligt",
        },
    ),
    "silent_cases": (
        "cases",
        {
            "en": "Cases without a recorded closing or any step for over {days} days: "
            "a gap in the source, not a wait",
            "nl": "Zaken zonder vastgelegde afsluiting of stap in meer dan {days} dagen: "
            "een gat in de bron, geen wachttijd",
        },
    ),
}
"""How things stand now: unit and meaning."""
