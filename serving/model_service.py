"""TensorFlow Serving's ModelService: which versions there are, and another version policy while it runs."""

from pathlib import Path

import grpc
from tensorflow_serving.apis import get_model_status_pb2, model_management_pb2
from tensorflow_serving.config import model_server_config_pb2

from serving.loaded_versions import LoadedVersions
from serving.refusals import InvalidRequestError, NotServedError
from serving.rpc import service
from serving.tokens import Scope
from serving.version_policy import VersionPolicy, only
from swayrec.tables.errors import InputError

_NAME = "tensorflow.serving.ModelService"
NEEDS: dict[str, Scope] = {f"/{_NAME}/HandleReloadConfigRequest": "admin"}
"""What needs a token, where tokens are asked for; the transformer asks the rest, and has none."""


class ModelService:
    """Answers GetModelStatus and HandleReloadConfigRequest."""

    def __init__(self, versions: LoadedVersions) -> None:
        self._versions = versions

    def register(self, server: grpc.aio.Server) -> None:
        """Adds the service to a server."""
        methods = {
            "GetModelStatus": (self.status, get_model_status_pb2.GetModelStatusRequest),
            "HandleReloadConfigRequest": (self.reload, model_management_pb2.ReloadConfigRequest),
        }
        server.add_generic_rpc_handlers((service(_NAME, methods),))

    async def status(
        self, request: get_model_status_pb2.GetModelStatusRequest, context: grpc.aio.ServicerContext
    ) -> get_model_status_pb2.GetModelStatusResponse:
        """Every version that is or was here and its state, the newest first; or the one that is asked for."""
        spec = request.model_spec
        if spec.name != self._versions.name:
            raise NotServedError(f"Could not find any versions of model {spec.name[:100]!r}")
        asked = list(self._versions.versions)
        if spec.WhichOneof("version_choice") == "version_label":
            asked = [self._versions.find(spec).number]
        elif spec.HasField("version"):
            asked = [number for number in asked if number == spec.version.value]
            if not asked:
                raise NotServedError(f"Could not find version {spec.version.value} of model {spec.name}")
        response = get_model_status_pb2.GetModelStatusResponse()
        for number in sorted(asked, reverse=True):
            version = self._versions.versions[number]
            told = response.model_version_status.add(version=number, state=version.state)
            if version.error:
                told.status.error_code = grpc.StatusCode.INTERNAL.value[0]
                told.status.error_message = version.error
        return response

    async def reload(
        self, request: model_management_pb2.ReloadConfigRequest, context: grpc.aio.ServicerContext
    ) -> model_management_pb2.ReloadConfigResponse:
        """Takes another version policy and other labels; answered once the versions are loaded.

        Name and base path are given at the start: a caller cannot have other code loaded. Labels go to
        versions that serve, or the whole change is undone. What is wrong stands in the answer's status.
        """
        response = model_management_pb2.ReloadConfigResponse()
        former = self._versions.policy
        try:
            policy = self._checked(request.config)
            # The old labels hold until the new ones are known to be good.
            self._versions.policy = VersionPolicy(policy.latest, policy.specific, former.labels)
            await self._versions.look()
            self._versions.relabel(policy)
        except (InputError, InvalidRequestError) as error:
            self._say(response, grpc.StatusCode.INVALID_ARGUMENT, error)
        except NotServedError as error:
            self._versions.policy = former
            await self._versions.look()
            self._say(response, grpc.StatusCode.FAILED_PRECONDITION, error)
        return response

    def _checked(self, config: model_server_config_pb2.ModelServerConfig) -> VersionPolicy:
        model = only(config)
        if model.name != self._versions.name:
            raise InvalidRequestError(
                f"model {model.name[:100]!r} cannot be added; this server serves {self._versions.name}"
            )
        if model.base_path and Path(model.base_path) != self._versions.base_path:
            raise InvalidRequestError(
                f"the base path of model {model.name} cannot be changed while the server runs"
            )
        return VersionPolicy.of(model)

    def _say(
        self,
        response: model_management_pb2.ReloadConfigResponse,
        code: grpc.StatusCode,
        error: Exception,
    ) -> None:
        response.status.error_code = code.value[0]
        response.status.error_message = str(error)
