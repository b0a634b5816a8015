"""Fetching what ZGW notifications are about.

A notification says that something changed and hardly what; it may come twice, late or never. So
the case as it stands is fetched whole, once however many notifications name it, and told as
:mod:`features.sources.zgw_cases` tells it: what was told before has the same ids, and what a lost
notification would have told comes along with the next.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from urllib.parse import quote, urlsplit

from features.quarantine import Reason
from features.sources.chunks import Chunk
from features.sources.json_files import Json, NoMessage
from features.sources.messages import chunks
from features.sources.zgw_cases import ANNOUNCED, case_rows
from features.sources.zgw_notifications import checked

MOST_PAGES = 100
_GONE = (404, 410)


class NotFetched(Exception):
    """A resource that the client could not fetch.

    Parameters
    ----------
    status
        The HTTP status, when there was an answer.
    """

    def __init__(self, status: int | None = None) -> None:
        super().__init__("no answer" if status is None else f"status {status}")
        self.status = status


class Client(Protocol):
    """What fetches resources, with the credentials that it needs."""

    def get(self, url: str) -> Mapping[str, Any]:
        """The JSON object at ``url``; raises NotFetched or OSError when there is none to be had."""


@dataclass(frozen=True, slots=True)
class Missed:
    """A notification whose case could not be fetched.

    Parameters
    ----------
    problem
        Why, in words for an operator.
    again
        Whether it may succeed another time; not when the resource is gone or out of bounds.
    """

    notification: Json
    problem: str
    again: bool = True


@dataclass(slots=True)
class _Wanted:
    """A case to fetch: who asked for it, what was decided on it, when that was announced."""

    notifications: list[Json] = field(default_factory=list)
    decisions: dict[str, Json] = field(default_factory=dict)
    announced: datetime | None = None

    def add(self, notification: Json, announced: datetime) -> None:
        self.notifications.append(notification)
        self.announced = max(announced, self.announced or announced)


class _Stopped(Exception):
    """Why a case is not fetched now."""

    def __init__(self, problem: str, *, again: bool) -> None:
        super().__init__(problem)
        self.problem = problem
        self.again = again


class Puller:
    """Turns notifications into the happenings of the cases that they name.

    A notification is done with when its chunk was landed. Those in :attr:`missed` to be tried
    ``again`` are kept and tried with the next :meth:`pull`; a site that must not lose them when
    the process ends keeps them too, and hands them back as ``kept``.

    Parameters
    ----------
    client
        Fetches the resources.
    roots
        The addresses of the APIs that may be fetched from, each ending in a slash. Whatever
        address a notification names, the client's credentials go nowhere else.
    kept
        Notifications that were missed before.
    """

    def __init__(self, client: Client, roots: Collection[str], kept: Iterable[Json] = ()) -> None:
        for root in roots:
            if not urlsplit(root).netloc or not root.endswith("/"):
                raise ValueError(f"the root {root!r} is no address that ends in a slash")
        self._client = client
        self._roots = tuple(roots)
        self._types: dict[str, Json] = {}
        self.missed: list[Missed] = [Missed(item, "kept from before") for item in kept]

    def pull(self, notifications: Iterable[Json], columns: Collection[str]) -> Iterator[Chunk]:
        """The happenings of the cases named by ``notifications`` and by those kept from before.

        Rows have ``columns`` of :mod:`features.sources.zgw_cases`; ``known`` is when the latest
        of a case's notifications was made. What is no notification is among the malformed.
        """
        waiting = [missed.notification for missed in self.missed if missed.again]
        self.missed = []
        yield from chunks(self.cases([*waiting, *notifications]), case_rows, columns)

    def cases(self, notifications: Iterable[Json]) -> Iterator[Json | NoMessage]:
        """The cases named by ``notifications``, each whole; those that cannot be had are in
        :attr:`missed`."""
        wanted: dict[str, _Wanted] = {}
        self._types = {}
        for notification in notifications:
            try:
                self._want(notification, wanted)
            except NoMessage as fault:
                yield fault
            except _Stopped as stop:
                self.missed.append(Missed(notification, stop.problem, stop.again))
        for url, case in wanted.items():
            try:
                yield self._fetched(url, case)
            except _Stopped as stop:
                self.missed += [
                    Missed(notification, stop.problem, stop.again)
                    for notification in case.notifications
                ]

    def _want(self, notification: Json, wanted: dict[str, _Wanted]) -> None:
        """Note which case a notification asks for."""
        said = checked(notification)
        announced = _moment(said["aanmaakdatum"])
        url = said["hoofdObject"]
        if said["actie"] in ("destroy", "delete") and said["resourceUrl"] == url:
            raise _Stopped("it tells that the resource was removed", again=False)
        decision: Json = {}
        if said["kanaal"] == "besluiten":
            decision = self._get(url)
            url = str(decision.get("zaak") or "")
            if not url:
                raise _Stopped("the decision belongs to no case", again=False)
            self._expand(decision, "besluittype")
        elif said["kanaal"] != "zaken":
            raise _Stopped("its channel is neither zaken nor besluiten", again=False)
        case = wanted.setdefault(url, _Wanted())
        case.add(notification, announced)
        if decision:
            case.decisions[said["hoofdObject"]] = decision

    def _fetched(self, url: str, wanted: _Wanted) -> Json:
        """The case at ``url`` with everything that belongs to it."""
        case = self._get(url)
        collections = url.rpartition("/zaken/")[0]
        named = quote(url, safe="")
        statuses = self._all(f"{collections}/statussen?zaak={named}")
        for status in statuses:
            self._expand(status, "statustype")
        more: Json = {
            "statussen": statuses,
            "rollen": self._all(f"{collections}/rollen?zaak={named}"),
            "besluiten": list(wanted.decisions.values()),
        }
        if isinstance(case.get("resultaat"), str) and case["resultaat"]:
            more["resultaat"] = self._get(case["resultaat"])
            self._expand(more["resultaat"], "resultaattype")
        self._expand(case, "zaaktype")
        case["_expand"] |= more
        case[ANNOUNCED] = wanted.announced.isoformat() if wanted.announced else None
        return case

    def _expand(self, resource: Json, name: str) -> None:
        """Put the type that ``resource`` names under its ``_expand``; each is fetched once."""
        url = resource.get(name)
        resource["_expand"] = {}
        if isinstance(url, str) and url:
            if url not in self._types:
                self._types[url] = self._get(url)
            resource["_expand"] = {name: self._types[url]}

    def _all(self, url: str) -> list[Json]:
        """The resources of every page from ``url`` on."""
        found: list[Json] = []
        following: str | None = url
        for _ in range(MOST_PAGES):
            if following is None:
                return found
            page = self._get(following)
            items = page.get("results")
            found += [dict(item) for item in items or () if isinstance(item, dict)]
            following = page["next"] if isinstance(page.get("next"), str) else None
        raise _Stopped("a list of its resources has no end", again=True)

    def _get(self, url: str) -> Json:
        if not any(url.startswith(root) for root in self._roots) or ".." in urlsplit(url).path:
            raise _Stopped("an address lies outside the APIs that may be fetched", again=False)
        try:
            answer = self._client.get(url)
        except NotFetched as fault:
            gone = fault.status in _GONE
            problem = "the resource is gone" if gone else f"it could not be fetched: {fault}"
            raise _Stopped(problem, again=not gone) from None
        except OSError as fault:
            problem = f"it could not be fetched: {type(fault).__name__}"
            raise _Stopped(problem, again=True) from None
        if not isinstance(answer, Mapping):
            raise _Stopped("its answer is no resource", again=True)
        return dict(answer)


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise NoMessage(Reason.INVALID_MESSAGE, "aanmaakdatum")
    return moment
