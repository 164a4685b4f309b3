"""One object of a cluster, by its place in the Kubernetes API: read, and changed on what is there now."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from swayrec.tables.errors import InputError

if TYPE_CHECKING:
    from kubernetes.client import ApiClient

Told = dict[str, Any]
"""An object, or a merge patch of one, as JSON."""

_TRIES = 5


class UnreachableError(InputError):
    """The API server does not answer."""


class ChangedError(InputError):
    """Somebody else changed what was to be changed."""


class _ConflictError(ChangedError):
    """Somebody else changed anything of it since it was read."""


class KubeObject:
    """One object.

    Args:
        client: of the API server.
        place: its path there.
        label: how messages call it.
        sleep: waits some seconds.
    """

    def __init__(
        self, client: "ApiClient", place: str, label: str, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._client, self._place, self._label, self._sleep = client, place, label, sleep

    def read(self) -> Told:
        """What is there.

        Raises:
            UnreachableError: the API server does not answer.
            InputError: the object is not there.
        """
        return self._call("GET")

    def change(self, wanted: Callable[[Told], Told | None]) -> None:
        """Puts a change on what is there now; where somebody was faster, on what is there then.

        Args:
            wanted: the merge patch for an object; None = it is as it should be.

        Raises:
            ChangedError: somebody else changes it again and again.
            UnreachableError: the API server does not answer.
            InputError: the object is not there, or the server refuses the change.
        """
        for tried in range(_TRIES):
            try:
                found = self.read()
                patch = wanted(found)
                if patch is None:
                    return
                version = found["metadata"]["resourceVersion"]
                patch["metadata"] = {**patch.get("metadata", {}), "resourceVersion": version}
                self._call("PATCH", patch)
            except (_ConflictError, UnreachableError):
                # A change whose answer was lost may have been made: it is read anew, and not made twice.
                if tried == _TRIES - 1:
                    raise
                self._sleep(0.2 * 2**tried)
            else:
                return

    def _call(self, method: str, body: Told | None = None) -> Told:
        from kubernetes.client import ApiException
        from urllib3.exceptions import HTTPError

        headers = {"Accept": "application/json"}
        if body is not None:
            headers["Content-Type"] = "application/merge-patch+json"
        try:
            found: Told = self._client.call_api(
                self._place,
                method,
                header_params=headers,
                body=body,
                response_type="object",
                auth_settings=["BearerToken"],
                _return_http_data_only=True,
                _request_timeout=(5, 30),
            )
        except ApiException as error:
            raise self._told(error) from None
        except (HTTPError, OSError) as error:
            raise UnreachableError(f"{self._label}: the API server does not answer ({error})") from None
        return found

    def _told(self, error: Any) -> InputError:
        try:
            why = json.loads(error.body)["message"]
        except (TypeError, ValueError, KeyError):
            why = error.reason
        if error.status == 409:
            return _ConflictError(
                f"{self._label} is changed by somebody else again and again; try again later"
            )
        if error.status == 404:
            return InputError(
                f"{self._label} is not there; apply k8s/overlays first, or mend name and namespace"
            )
        if error.status >= 500:
            return UnreachableError(f"{self._label}: the API server fails ({why})")
        return InputError(f"{self._label}: the API server refuses ({error.status}: {why})")


def cluster() -> tuple["ApiClient", str]:
    """A client of the cluster that this runs in, or else that the kubeconfig names, and the namespace there.

    Raises:
        InputError: there is no cluster to be found.
    """
    from kubernetes import config
    from kubernetes.client import ApiClient

    try:
        config.load_incluster_config()
    except config.ConfigException:
        return _by_kubeconfig()
    place = Path("/var/run/secrets/kubernetes.io/serviceaccount/namespace")
    return ApiClient(), place.read_text(encoding="utf-8").strip()


def _by_kubeconfig() -> tuple["ApiClient", str]:
    from kubernetes import config
    from kubernetes.client import ApiClient

    try:
        config.load_kube_config()
        _, active = config.list_kube_config_contexts()
    except config.ConfigException as error:
        raise InputError(
            f"there is no cluster to be found ({error}); run it in a pod, or point KUBECONFIG to a kubeconfig"
        ) from None
    return ApiClient(), active["context"].get("namespace", "default")
