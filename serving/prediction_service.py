"""TensorFlow Serving's gRPC services over one loaded model: PredictionService and ModelService."""

import asyncio
import logging
from concurrent.futures import Executor
from typing import Any

import grpc
from tensorflow_serving.apis import (
    get_model_metadata_pb2,
    get_model_status_pb2,
    model_pb2,
    model_service_pb2_grpc,
    predict_pb2,
    prediction_service_pb2_grpc,
)

from serving.servable import InvalidRequestError, Servable

_log = logging.getLogger(__name__)
_METADATA = "signature_def"


class PredictionService(
    prediction_service_pb2_grpc.PredictionServiceServicer, model_service_pb2_grpc.ModelServiceServicer
):
    """Answers Predict, GetModelMetadata and GetModelStatus; other methods are UNIMPLEMENTED.

    An unknown model or version is NOT_FOUND, a question that does not fit the signature INVALID_ARGUMENT.
    The graph runs in ``workers``, so that health checks are answered meanwhile.
    """

    def __init__(self, name: str, servable: Servable, workers: Executor) -> None:
        self._name = name
        self._servable = servable
        self._workers = workers

    def register(self, server: grpc.aio.Server) -> None:
        """Adds both services to a server."""
        prediction_service_pb2_grpc.add_PredictionServiceServicer_to_server(self, server)
        model_service_pb2_grpc.add_ModelServiceServicer_to_server(self, server)

    async def Predict(  # noqa: N802
        self, request: predict_pb2.PredictRequest, context: grpc.aio.ServicerContext
    ) -> predict_pb2.PredictResponse:
        """Runs the signature that ``model_spec`` names; ``output_filter`` keeps some of the outputs."""
        await self._find(request.model_spec, context)
        signature = request.model_spec.signature_name or "serving_default"
        loop = asyncio.get_running_loop()
        try:
            results = await loop.run_in_executor(
                self._workers, self._servable.run, signature, dict(request.inputs)
            )
        except InvalidRequestError as error:
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))
        except Exception:
            # What the graph says is for the log; a caller gets a status that it can act on.
            _log.exception("signature %s failed", signature)
            await context.abort(
                grpc.StatusCode.INTERNAL, f"signature {signature} failed; see the predictor's log"
            )
        wanted = set(request.output_filter) or set(results)
        if unknown := sorted(wanted - set(results)):
            await context.abort(
                grpc.StatusCode.INVALID_ARGUMENT, f"signature {signature} has no output {', '.join(unknown)}"
            )
        response = predict_pb2.PredictResponse(outputs={name: results[name] for name in wanted})
        self._describe(response.model_spec, signature)
        return response

    async def GetModelMetadata(  # noqa: N802
        self, request: get_model_metadata_pb2.GetModelMetadataRequest, context: grpc.aio.ServicerContext
    ) -> get_model_metadata_pb2.GetModelMetadataResponse:
        """The signatures, as ``metadata["signature_def"]``, the one field that TensorFlow Serving knows."""
        await self._find(request.model_spec, context)
        if list(request.metadata_field) != [_METADATA]:
            await context.abort(
                grpc.StatusCode.INVALID_ARGUMENT, f"metadata_field must be the one value {_METADATA!r}"
            )
        signatures = get_model_metadata_pb2.SignatureDefMap(signature_def=self._servable.signature_defs)
        response = get_model_metadata_pb2.GetModelMetadataResponse()
        self._describe(response.model_spec)
        response.metadata[_METADATA].Pack(signatures)
        return response

    async def GetModelStatus(  # noqa: N802
        self, request: get_model_status_pb2.GetModelStatusRequest, context: grpc.aio.ServicerContext
    ) -> get_model_status_pb2.GetModelStatusResponse:
        """The loaded version, AVAILABLE."""
        await self._find(request.model_spec, context)
        response = get_model_status_pb2.GetModelStatusResponse()
        response.model_version_status.add(
            version=self._servable.version, state=get_model_status_pb2.ModelVersionStatus.AVAILABLE
        )
        return response

    async def _find(self, spec: model_pb2.ModelSpec, context: grpc.aio.ServicerContext) -> None:
        if spec.name != self._name:
            await context.abort(
                grpc.StatusCode.NOT_FOUND, f"there is no model {spec.name!r}; the one here is {self._name!r}"
            )
        chosen = spec.WhichOneof("version_choice")
        if chosen == "version_label" or (
            chosen == "version" and spec.version.value != self._servable.version
        ):
            given: Any = spec.version_label if chosen == "version_label" else spec.version.value
            await context.abort(
                grpc.StatusCode.NOT_FOUND,
                f"model {self._name} has no version {given!r}; the one here is {self._servable.version}",
            )

    def _describe(self, spec: model_pb2.ModelSpec, signature: str = "") -> None:
        spec.name, spec.signature_name = self._name, signature
        spec.version.value = self._servable.version
