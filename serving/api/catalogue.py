"""Routes of the catalogue. It changes with the pack alone, so answers carry an ``ETag``."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from serving.answers import PurposeView, ServiceView
from serving.api.asking import By, Here
from serving.api.conditional import NOT_MODIFIED, IfNoneMatch, tagged
from serving.errors import UnknownServiceError

router = APIRouter(tags=["catalogue"], responses=NOT_MODIFIED)
Language = Annotated[str, Query(min_length=2, max_length=8)]


@router.get("/v1/services")
def list_services(
    application: Here,
    by: By,
    response: Response,
    language: Language = "nl",
    if_none_match: IfNoneMatch = None,
) -> list[ServiceView]:
    """Every service and intervention."""
    application.catalogue.speaks(language)
    tagged(response, if_none_match, application.pack.checksum, "services", language)
    return list(application.services(language))


@router.get("/v1/services/{service}")
def read_service(
    service: Annotated[str, Path(max_length=63, examples=["top-up"])],
    application: Here,
    by: By,
    response: Response,
    language: Language = "nl",
    if_none_match: IfNoneMatch = None,
) -> ServiceView:
    """One service."""
    application.catalogue.speaks(language)
    for one in application.services(language):
        if one.id == service:
            tagged(response, if_none_match, application.pack.checksum, service, language)
            return one
    raise UnknownServiceError("The catalogue has no such service.")


@router.get("/v1/purposes")
def list_purposes(
    application: Here,
    by: By,
    response: Response,
    language: Language = "nl",
    if_none_match: IfNoneMatch = None,
) -> list[PurposeView]:
    """The purposes that a view may have, with their legal basis."""
    application.catalogue.speaks(language)
    tagged(response, if_none_match, application.pack.checksum, "purposes", language)
    return list(application.purposes(language))
