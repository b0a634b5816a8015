"""ZGW notifications (Notificaties API) as CloudEvents: what changed where, and no more than that.

A notification becomes the event that says the same: ``id`` (made of what it says, so that a
doubled one is one), ``source``, ``type`` (``nl.overheid.zaken.status-create``), ``subject`` (the
last part of the main object's address), ``time``, ``dataref`` (the resource) and the notification
itself under ``data.…`` (``data.kenmerken.zaaktype``). It names no citizen: a mapping ties it to
one by the case, or :mod:`features.sources.zgw_pull` fetches what it is about.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

from features.quarantine import Reason
from features.sources.chunks import Chunk
from features.sources.cloudevents import LARGEST_EVENT, event_rows
from features.sources.json_files import Json, NoMessage, Number, messages
from features.sources.mapping import FileMapping
from features.sources.messages import Row, chunks

REQUIRED = ("kanaal", "hoofdObject", "resource", "resourceUrl", "actie", "aanmaakdatum")

_LETTERS = str.maketrans("0123456789abcdef", "abcdefghijklmnop")


def read_notifications(path: Path, mapping: FileMapping, columns: list[str]) -> Iterator[Chunk]:
    """The notifications of a file in order, a bounded chunk at a time, with ``columns`` alone."""
    return chunks(messages(path, LARGEST_EVENT), notification_rows, columns, mapping.null_values)


def notification_rows(notification: Json) -> Iterable[Row]:
    """The one row that a notification is; raises NoMessage when it is not what it should be."""
    return event_rows(as_event(notification))


def as_event(notification: Json) -> Json:
    """The CloudEvent that says what ``notification`` says."""
    said = checked(notification)
    main = urlsplit(said["hoofdObject"])
    name = "\0".join(said[key] for key in REQUIRED)
    return {
        "specversion": "1.0",
        # Letters alone: digits could look like anybody's number.
        "id": hashlib.sha256(name.encode()).hexdigest()[:32].translate(_LETTERS),
        "source": f"{main.scheme}://{main.netloc}",
        "type": f"nl.overheid.{said['kanaal']}.{said['resource']}-{said['actie']}",
        "subject": last_part(said["hoofdObject"]),
        "time": said["aanmaakdatum"],
        "dataref": said["resourceUrl"],
        "data": notification,
    }


def checked(notification: Json) -> dict[str, str]:
    """The required fields of ``notification``; raises NoMessage when one is no text."""
    for name in REQUIRED:
        value = notification.get(name)
        if not isinstance(value, str) or isinstance(value, Number) or not value.strip():
            raise NoMessage(Reason.INVALID_MESSAGE, name)
        try:
            value.encode()
        except UnicodeEncodeError:
            raise NoMessage(Reason.MALFORMED_ROW) from None
    for name in ("hoofdObject", "resourceUrl"):
        if urlsplit_or_none(notification[name]) is None:
            raise NoMessage(Reason.INVALID_MESSAGE, name)
    return {name: str(notification[name]) for name in REQUIRED}


def urlsplit_or_none(url: str) -> str | None:
    """``url`` when it is an address of the web; None otherwise."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and parts.netloc else None


def last_part(url: str) -> str:
    """The last part of an address: a resource's UUID."""
    return urlsplit(url).path.rstrip("/").rpartition("/")[2]
