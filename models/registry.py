"""MLflow's registry: one registered model per pack, with the aliases challenger and champion."""

from __future__ import annotations

import mlflow
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException
from mlflow.pyfunc import PyFuncModel, load_model

from features.errors import VoorzetError

CHALLENGER, CHAMPION = "challenger", "champion"
BUNDLE_TAG = "bundle"


def model_name(pack: str) -> str:
    """The name that a pack's models are registered under."""
    return f"voorzet-{pack}"


class Registry:
    """The registered models of one MLflow server or database.

    Parameters
    ----------
    uri
        ``sqlite:///…`` or a server's address; the file store is not supported by MLflow 3.
    pack
        The pack's id.
    """

    def __init__(self, uri: str, pack: str) -> None:
        self._client = MlflowClient(tracking_uri=uri, registry_uri=uri)
        self.uri = uri
        self.name = model_name(pack)

    def challenge(self, version: str, bundle: str) -> None:
        """Tag a registered version with its bundle and make it the challenger."""
        self._client.set_model_version_tag(self.name, version, BUNDLE_TAG, bundle)
        self._client.set_registered_model_alias(self.name, CHALLENGER, version)

    def crown(self, bundle: str) -> None:
        """Move the alias champion to the version that holds ``bundle``.

        This is what :func:`models.promotion.promote` is handed as ``announce``.

        Raises
        ------
        VoorzetError
            When no registered version holds that bundle.
        """
        version = self._version_of(bundle)
        if version is None:
            raise VoorzetError(
                f"{self.name} has no version with bundle {bundle}; the champion's link was moved, "
                "the registry's alias was not: train again, or set the alias by hand"
            )
        self._client.set_registered_model_alias(self.name, CHAMPION, version)

    def bundle_of(self, alias: str) -> str | None:
        """The bundle version behind an alias; None when the alias is not set."""
        try:
            found = self._client.get_model_version_by_alias(self.name, alias)
        except MlflowException:
            return None
        return found.tags.get(BUNDLE_TAG)

    def load(self, alias: str) -> PyFuncModel:
        """The model behind an alias, as MLflow's own generic model."""
        mlflow.set_registry_uri(self.uri)
        mlflow.set_tracking_uri(self.uri)
        return load_model(f"models:/{self.name}@{alias}")

    def _version_of(self, bundle: str) -> str | None:
        found = self._client.search_model_versions(f"name = '{self.name}'")
        versions = [one.version for one in found if one.tags.get(BUNDLE_TAG) == bundle]
        return str(max(versions, key=int)) if versions else None
