"""A caseworker's desk: a real browser at the pages."""

from __future__ import annotations

from dataclasses import dataclass, field

from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.serving.office import PURPOSE


@dataclass
class Desk:
    """A browser at the pages, with everything that it was told and asked for."""

    page: Page
    context: BrowserContext
    said: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def log_in(self, address: str, token: str) -> None:
        self.page.goto(address)
        self.page.get_by_label("Toegangscode").fill(token)
        self.page.get_by_role("button", name="Inloggen").click()
        expect(self.page.get_by_role("heading", level=1)).to_have_text("Inwoner zoeken")

    def find(self, query: str, purpose: str) -> None:
        self.page.get_by_label("Wie zoekt u?").fill(query)
        self.page.get_by_label("Waarvoor kijkt u?").select_option(purpose)
        self.page.get_by_role("main").get_by_role("button", name="Zoeken").click()

    def open(self, query: str, name: str, purpose: str = PURPOSE) -> None:
        self.find(query, purpose)
        self.page.get_by_role("link", name=name).click()
        expect(self.page.get_by_role("heading", level=1)).to_have_text(name)


def card(page: Page, service: str) -> Locator:
    """The card of a service."""
    return page.locator(f"#card-{service}")
