"""The pages are true: links, commands and options exist; the front page is one screen."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import typer.main

from serving.cli.app import app_of

REPOSITORY = Path(__file__).resolve().parents[1]
PAGES = [
    REPOSITORY / "README.md",
    *sorted((REPOSITORY / "docs").rglob("*.md")),
    *sorted((REPOSITORY / "examples").glob("*/README.md")),
    REPOSITORY / "mlflow" / "README.md",
]
ROOT = typer.main.get_command(app_of())
ONE_SCREEN = 60

LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
ELSEWHERE = ("http://", "https://", "mailto:", "#")
FENCED = re.compile(r"^```[a-z]*\n(.*?)^```", flags=re.DOTALL | re.MULTILINE)
INLINE = re.compile(r"`(voorzet [^`\n]+)`")
TARGET = re.compile(r"\bmake ([a-z][a-z-]*)\b")
COLUMN = re.compile(r"\s{2,}")
SUBSTITUTED = re.compile(r"\$\((voorzet [^()]*)\)")


def name_of(page: Path) -> str:
    return str(page.relative_to(REPOSITORY))


def commands(text: str) -> list[str]:
    """Every ``voorzet …`` in code: lines of blocks, in ``$(…)`` and in running text."""
    found = INLINE.findall(text)
    for block in FENCED.findall(text):
        found += SUBSTITUTED.findall(block)
        lines = block.replace("\\\n", " ").splitlines()
        # a description may stand beside a command, two spaces or more away from it
        found += [COLUMN.split(line.strip())[0] for line in lines if line.startswith("voorzet ")]
    return found


def problem(line: str) -> str | None:
    """What the command line would not know of ``line``; None when it knows it all."""
    words = [word for word in shlex.split(line)[1:] if word not in ("…", "...")]
    command = ROOT
    while hasattr(command, "commands"):
        if not words or words[0].startswith("-"):
            break
        if words[0] not in command.commands:
            return f"there is no command {words[0]}"
        command = command.commands[words.pop(0)]
    known = {"--help"} | {
        name for one in command.params for name in (*one.opts, *one.secondary_opts)
    }
    asked = [word.partition("=")[0] for word in words if re.match(r"--?[a-z]", word)]
    unknown = [word for word in asked if word not in known]
    return f"no option {', '.join(unknown)}" if unknown else None


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_and_images_lead_somewhere(page: Path) -> None:
    targets = [one for one in LINK.findall(page.read_text()) if not one.startswith(ELSEWHERE)]
    missing = [one for one in targets if not (page.parent / one.partition("#")[0]).exists()]
    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_commands_and_options_exist(page: Path) -> None:
    faults = {line: fault for line in commands(page.read_text()) if (fault := problem(line))}
    assert faults == {}


def test_a_command_that_does_not_exist_is_found() -> None:
    assert problem("voorzet trian -w x") == "there is no command trian"
    assert problem("voorzet campaign compose --servise zorgtoeslag") == "no option --servise"
    assert problem("voorzet campaign compose --service zorgtoeslag -w x") is None


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_make_targets_exist(page: Path) -> None:
    text = page.read_text()
    code = "\n".join([*FENCED.findall(text), *re.findall(r"`([^`\n]+)`", text)])
    makefile = (REPOSITORY / "Makefile").read_text()
    missing = {one for one in TARGET.findall(code) if f"\n{one}:" not in makefile}
    assert missing == set()


def test_the_front_page_is_one_screen() -> None:
    assert len((REPOSITORY / "README.md").read_text().splitlines()) <= ONE_SCREEN


def test_every_decision_is_in_the_index() -> None:
    folder = REPOSITORY / "docs" / "decisions"
    index = (folder / "README.md").read_text()
    assert [one.name for one in folder.glob("[0-9]*.md") if f"({one.name})" not in index] == []
