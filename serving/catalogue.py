"""The catalogue and the purposes, as people see them."""

from __future__ import annotations

from features.catalogue import Kind
from features.pack import Pack
from serving.answers import PurposeView, ServiceView
from serving.errors import InvalidRequestError


class CatalogueView:
    """The pack's services and purposes in a language."""

    def __init__(self, pack: Pack) -> None:
        self._pack = pack

    def services(self, language: str) -> tuple[ServiceView, ...]:
        """Every service and intervention, in the pack's order."""
        say = self._pack.say
        return tuple(
            ServiceView(
                id=name,
                title=say(service.title, language),
                description=say(service.description, language),
                kind="intervention" if service.kind is Kind.INTERVENTION else "service",
                provider=say(service.provider, language),
                purpose=service.purpose,
                theme=service.theme,
                triggers=service.triggers,
                criteria=tuple(say(criterion.text, language) for criterion in service.criteria),
            )
            for name, service in self._pack.services.items()
        )

    def purposes(self, language: str) -> tuple[PurposeView, ...]:
        """Every purpose, in the pack's order."""
        return tuple(
            PurposeView(
                id=name,
                title=self._pack.say(purpose.title, language),
                legal_basis=purpose.legal_basis,
            )
            for name, purpose in self._pack.domain.purposes.items()
        )

    def require(self, purpose: str, language: str) -> None:
        """Raise InvalidRequestError unless the pack has this purpose and speaks this language."""
        if purpose not in self._pack.domain.purposes:
            known = ", ".join(self._pack.domain.purposes)
            raise InvalidRequestError(f"There is no such purpose. Choose one of: {known}.")
        self.speaks(language)

    def speaks(self, language: str) -> None:
        """Raise InvalidRequestError unless the pack speaks this language."""
        if language not in self._pack.languages:
            spoken = ", ".join(self._pack.languages)
            raise InvalidRequestError(f"We do not speak this language. Choose one of: {spoken}.")
