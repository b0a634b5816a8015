"""Routes of the catalogue."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from serving.answers import PurposeView, ServiceView
from serving.api.asking import By, Here
from serving.errors import UnknownServiceError

router = APIRouter(tags=["catalogue"])
Language = Annotated[str, Query(min_length=2, max_length=8)]


@router.get("/v1/services")
def list_services(application: Here, by: By, language: Language = "nl") -> list[ServiceView]:
    """Every service and intervention."""
    return list(application.services(language))


@router.get("/v1/services/{service}")
def read_service(service: str, application: Here, by: By, language: Language = "nl") -> ServiceView:
    """One service."""
    for one in application.services(language):
        if one.id == service:
            return one
    raise UnknownServiceError("The catalogue has no such service.")


@router.get("/v1/purposes")
def list_purposes(application: Here, by: By, language: Language = "nl") -> list[PurposeView]:
    """The purposes that a view may have, with their legal basis."""
    return list(application.purposes(language))
