"""The workspace: one folder with a ``voorzet.toml`` that every command acts on.

Configuration is read here, once: ``<folder>/voorzet.toml``, overridden by ``VOORZET_<KEY>`` in
the environment. Paths in the file are relative to the folder. Secrets are files of their own
under ``secrets/`` that only their owner can read.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, SecretStr, StringConstraints, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from features.errors import VoorzetError
from serving.security.settings import IdentityProvider
from serving.zgw_settings import ZgwApis

if TYPE_CHECKING:
    from features.lake import Beside, Lake
    from features.objections import Objections
    from features.pack import Pack
    from features.pseudonyms import Pseudonyms

FILE = "voorzet.toml"
Origin = Annotated[str, StringConstraints(pattern=r"^https?://[a-z0-9.-]+(:[0-9]{1,5})?$")]
"""Where a page comes from: scheme, host and port."""
SECRETS = ("pseudonym", "vault", "token")


class WorkspaceError(VoorzetError):
    """A workspace that is not there, or whose settings cannot be used."""


class Workspace(BaseSettings):
    """The settings of one workspace, with every path absolute.

    Made by :meth:`init` (a new folder) or :meth:`open` (an existing one).

    Parameters
    ----------
    folder
        The workspace itself.
    pack
        The domain pack.
    lake
        A folder or an object storage URI.
    database
        An SQLAlchemy URL: inbox, ledger, campaigns, objections, audit.
    databases
        The databases of sources that are read by query (``voorzet ingest --from-database``).
    mlflow
        An MLflow tracking URI; ``http(s)://`` for a server.
    oidc
        The identity provider whose tokens count.
    """

    model_config: ClassVar[SettingsConfigDict] = SettingsConfigDict(
        env_prefix="VOORZET_", env_nested_delimiter="__", extra="forbid", frozen=True
    )

    folder: Path
    pack: Path
    lake: str = "lake"
    lake_options: dict[str, str] = Field(default_factory=dict)
    buckets: int = Field(default=16, gt=0)
    database: str = Field(default="", repr=False)  # it may hold a password
    local_tokens: bool | None = None
    """Whether tokens signed with the workspace's own key count; by default as long as there is
    no identity provider."""
    oidc: IdentityProvider | None = None
    log_format: Literal["text", "json"] = "text"
    """Lines of the log: for people, or one JSON object each."""
    traces_to: str | None = None
    """Where an OpenTelemetry collector takes the traces of requests, by OTLP over HTTP."""
    caseload_only: bool = False
    """Whether caseworkers see the citizens of their own caseload alone."""
    rate_limit: str = "200/second"
    """How much one caller may ask."""
    rate_storage: str = "memory://"
    processing_register: str = "urn:voorzet:purpose:"
    """What stands before a purpose in the address of its entry in the register of processing."""
    databases: dict[str, SecretStr] = Field(default_factory=dict)
    """SQLAlchemy URLs of the sources' databases, by the name that mappings give them. They hold
    passwords, and are shown nowhere."""
    zgw: dict[str, ZgwApis] = Field(default_factory=dict)
    """The ZGW APIs from which a source's cases are fetched when a notification names them, by the
    source's name in the pack."""
    mlflow: str = ""
    bundles: Path = Path("bundles")
    reports: Path = Path("reports")
    secrets: Path = Path("secrets")
    logs: Path = Path("logs")
    silos: Path = Path("silos")
    language: str | None = None
    host: str = "127.0.0.1"
    port: int = Field(default=8000, gt=0, lt=65536)
    threads: int = Field(default=2, gt=0)
    seed: int = 1
    policy: Path = Path("promotion.yaml")
    """The promotion policy; the default one where there is no such file."""
    exploration: float = Field(default=0.0, ge=0.0, le=1.0)
    """The chance that the last place of a slate is drawn at random among what fits."""
    contact_rest_days: int = Field(default=90, ge=0)
    """For how long after outreach nobody is approached again (the contact policy)."""
    senders: dict[str, str] = Field(default_factory=dict)
    """Which source of the pack delivers under a token's subject; a subject that is not named here
    is the source's own name."""
    embed_origins: tuple[Origin, ...] = ()
    """Sites whose pages may embed suggestions: `https://cases.example.org`, without a path."""
    inbox_most: int = Field(default=200_000, gt=0)
    """With more messages waiting to land than this, senders are asked to come back later."""
    land_every_seconds: float = Field(default=2.0, ge=0.0)
    """How often the server lands what was received; 0 leaves it to `voorzet land`."""
    retention_days: int | None = Field(default=None, gt=0)
    """For how long ledger, decisions and campaigns are kept; for good when not given."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The call, then the environment, then the file of the folder in the call."""
        folder = Path(init_settings()["folder"])
        file = TomlConfigSettingsSource(settings_cls, toml_file=folder / FILE)
        return init_settings, env_settings, file

    def model_post_init(self, context: Any, /) -> None:
        """Makes every relative path absolute under the folder."""
        folder = self.folder.expanduser().resolve()
        settle = object.__setattr__
        settle(self, "folder", folder)
        for name in ("pack", "bundles", "reports", "secrets", "logs", "silos", "policy"):
            settle(self, name, (folder / getattr(self, name)).resolve())
        if "://" not in self.lake:
            settle(self, "lake", str((folder / self.lake).resolve()))
        settle(self, "database", self.database or f"sqlite:///{folder / 'voorzet.db'}")
        settle(self, "mlflow", self.mlflow or f"sqlite:///{folder / 'mlflow.db'}")

    @classmethod
    def open(cls, folder: Path) -> Self:
        """The workspace in ``folder``; raises WorkspaceError with what to run when it is none."""
        if not (folder / FILE).is_file():
            raise WorkspaceError(
                f"{folder} is not a workspace (it has no {FILE}). Make one with: "
                f'voorzet init --pack <pack folder> --workspace "{folder}"'
            )
        return cls._read(folder)

    @classmethod
    def init(
        cls, folder: Path, pack: Path, *, language: str | None = None, buckets: int | None = None
    ) -> Self:
        """A new workspace on ``pack``: the settings file, and secrets that only the owner reads.

        Raises WorkspaceError when ``folder`` is a workspace already.
        """
        if (folder / FILE).exists():
            raise WorkspaceError(
                f"{folder} is a workspace already. Use it as it is, or choose another folder."
            )
        if not pack.is_dir():
            raise WorkspaceError(f"{pack} is not a folder. --pack names a domain pack's folder.")
        folder.mkdir(parents=True, exist_ok=True)
        lines = [f"pack = {json.dumps(str(pack.resolve()), ensure_ascii=False)}"]
        if language:
            lines.append(f"language = {json.dumps(language)}")
        if buckets:
            lines.append(f"buckets = {buckets}")
        (folder / FILE).write_text("\n".join(lines) + "\n", encoding="utf-8")
        workspace = cls._read(folder)
        workspace._make_secrets()
        return workspace

    @classmethod
    def _read(cls, folder: Path) -> Self:
        try:
            return cls(folder=folder)
        except ValidationError as fault:
            first = fault.errors()[0]
            key = ".".join(str(part) for part in first["loc"])
            raise WorkspaceError(f"{folder / FILE}: {key}: {first['msg']}") from fault
        except ValueError as fault:  # not TOML
            raise WorkspaceError(f"{folder / FILE}: {fault}") from fault

    def _make_secrets(self) -> None:
        from features.pseudonyms import make_key

        self.secrets.mkdir(parents=True, exist_ok=True)
        self.secrets.chmod(0o700)
        for name in SECRETS:
            if not self.secret_path(name).exists():
                make_key(self.secret_path(name))

    def secret_path(self, name: str) -> Path:
        """Where the key ``pseudonym``, ``vault`` or ``token`` lies."""
        return self.secrets / f"{name}.key"

    def secret(self, name: str) -> bytes:
        """A key's bytes: from ``VOORZET_SECRET_<NAME>`` in the environment, or from its file.

        Raises WorkspaceError when there is neither.
        """
        from features.pseudonyms import parse_key, read_key

        variable = f"VOORZET_SECRET_{name.upper()}"
        if variable in os.environ:
            return parse_key(os.environ[variable], variable)
        path = self.secret_path(name)
        if not path.is_file():
            raise WorkspaceError(f"the key {path} is missing: put it back from your backup")
        return read_key(path)

    def client_secret(self) -> str | None:
        """The secret of the pages as a client of the identity provider: from
        ``VOORZET_SECRET_OIDC_CLIENT`` in the environment, or from ``secrets/oidc-client.secret``.

        None where there is neither: a public client. Raises WorkspaceError for a file that others
        may read.
        """
        if told := os.environ.get("VOORZET_SECRET_OIDC_CLIENT"):
            return told
        path = self.secrets / "oidc-client.secret"
        if not path.is_file():
            return None
        if path.stat().st_mode & 0o077:
            raise WorkspaceError(f"{path}: others may read this secret; run: chmod 600 {path}")
        return path.read_text(encoding="utf-8").strip() or None

    @property
    def champion(self) -> Path:
        """The bundle that scores: a pointer that promotion swaps."""
        return self.bundles / "champion"

    def load_pack(self) -> Pack:
        """The domain pack, checked; raises PackError with file and key."""
        from features.loading import load_pack

        return load_pack(self.pack)

    def open_lake(
        self,
        *,
        beside: Beside | None = None,
        objections: Objections | None = None,
        patience: float = 10.0,
    ) -> Lake:
        """The lake, which may still be empty, with what is read beside it.

        ``objections`` are those that the database holds when they are first asked for, if not
        given.
        """
        from features.lake import Lake
        from serving.database import Database
        from serving.objected import ObjectedAtFirst

        return Lake(
            self.lake,
            buckets=self.buckets,
            storage_options=self.lake_options or None,
            beside=beside,
            objections=objections or ObjectedAtFirst(lambda: Database(self.database)),
            patience=patience,
        )

    def pseudonyms(self, pack: Pack | None = None) -> Pseudonyms:
        """The keyed pseudonyms of this workspace, under the identifier schemes of its pack."""
        from features.pseudonyms import Pseudonyms

        pack = pack or self.load_pack()
        schemes = [name for name, kind in pack.domain.identifiers.items() if kind == "bsn"]
        return Pseudonyms(self.secret("pseudonym"), schemes)
