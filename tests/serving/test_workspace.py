"""The workspace: one folder, clear faults, secrets that stay with their owner."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from features.errors import VoorzetError
from serving.bootstrap import bootstrap
from serving.errors import NotSignedInError
from serving.security import Caller, Role
from serving.security.tokens import Tokens
from serving.workspace import SECRETS, Workspace, WorkspaceError
from tests.conftest import REPOSITORY

PACK = REPOSITORY / "examples" / "gemeente"


def test_a_new_workspace_opens_again_with_absolute_paths(tmp_path: Path) -> None:
    folder = tmp_path / "with a space" / "en één accent"
    made = Workspace.init(folder, PACK, language="en", buckets=3)
    opened = Workspace.open(folder)
    assert opened == made
    assert opened.pack == PACK
    assert opened.buckets == 3
    assert Path(opened.lake) == folder / "lake"
    assert opened.database == f"sqlite:///{folder}/voorzet.db"
    assert opened.load_pack().domain.id == "gemeente"


def test_secrets_are_for_their_owner_alone_and_differ(tmp_path: Path) -> None:
    workspace = Workspace.init(tmp_path / "w", PACK)
    modes = {stat.S_IMODE(workspace.secret_path(name).stat().st_mode) for name in SECRETS}
    assert modes == {0o600}
    assert len({workspace.secret(name) for name in SECRETS}) == len(SECRETS)


def test_a_folder_that_is_no_workspace_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match="voorzet init --pack"):
        Workspace.open(tmp_path)


def test_a_workspace_is_not_made_twice(tmp_path: Path) -> None:
    Workspace.init(tmp_path / "w", PACK)
    with pytest.raises(WorkspaceError, match="already"):
        Workspace.init(tmp_path / "w", PACK)


def test_a_pack_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match="nowhere"):
        Workspace.init(tmp_path / "w", tmp_path / "nowhere")


def test_the_environment_goes_before_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Workspace.init(tmp_path / "w", PACK)
    monkeypatch.setenv("VOORZET_PORT", "9123")
    monkeypatch.setenv("VOORZET_DATABASE", "postgresql://somewhere/voorzet")
    opened = Workspace.open(tmp_path / "w")
    assert opened.port == 9123
    assert opened.database == "postgresql://somewhere/voorzet"


@pytest.mark.parametrize(
    ("line", "told"), [("prot = 1", "prot"), ("port = 'high'", "port"), ("= 3", "voorzet.toml")]
)
def test_a_faulty_setting_is_named(tmp_path: Path, line: str, told: str) -> None:
    Workspace.init(tmp_path / "w", PACK)
    with (tmp_path / "w" / "voorzet.toml").open("a") as file:
        file.write(line + "\n")
    with pytest.raises(WorkspaceError, match=told):
        Workspace.open(tmp_path / "w")


def test_a_key_comes_from_the_environment_or_from_its_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = Workspace.init(tmp_path / "w", PACK)
    monkeypatch.setenv("VOORZET_SECRET_VAULT", "ab" * 32)
    assert workspace.secret("vault") == b"\xab" * 32
    assert workspace.secret("token") != workspace.secret("vault")
    monkeypatch.setenv("VOORZET_SECRET_VAULT", "secret-but-no-key")
    with pytest.raises(VoorzetError, match="VOORZET_SECRET_VAULT") as refused:
        workspace.secret("vault")
    assert "secret-but-no-key" not in str(refused.value)


def test_with_an_identity_provider_our_own_tokens_count_only_when_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = Workspace.init(tmp_path / "w", PACK)
    kim = Caller("kim", "Kim", frozenset({Role.CASEWORKER}))
    token = Tokens(workspace.secret("token")).issue(kim)
    with (tmp_path / "w" / "voorzet.toml").open("a") as file:
        file.write('[oidc]\nissuer = "https://login.example.org"\naudience = "voorzet"\n')
    with pytest.raises(NotSignedInError):
        bootstrap(Workspace.open(tmp_path / "w")).caller(token)
    monkeypatch.setenv("VOORZET_LOCAL_TOKENS", "true")
    monkeypatch.setenv("VOORZET_OIDC__AUDIENCE", "another")
    opened = Workspace.open(tmp_path / "w")
    assert bootstrap(opened).caller(token) == kim
    assert opened.oidc is not None
    assert (opened.oidc.issuer, opened.oidc.audience) == ("https://login.example.org", "another")


def test_a_workspace_does_not_show_its_passwords(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Workspace.init(tmp_path / "w", PACK)
    monkeypatch.setenv("VOORZET_DATABASE", "postgresql://voorzet:hunter2@host/voorzet")
    monkeypatch.setenv("VOORZET_DATABASES", '{"debts": "postgresql://a:hunter2@host/debts"}')
    assert "hunter2" not in repr(Workspace.open(tmp_path / "w"))
