"""TensorFlow Serving's PredictionService over the loaded versions of one model."""

import time

import grpc
from tensorflow_serving.apis import get_model_metadata_pb2, model_pb2, predict_pb2

from serving.loaded_versions import LoadedVersions
from serving.refusals import InvalidRequestError
from serving.rpc import service

_METADATA = "signature_def"


class PredictionService:
    """Answers Predict and GetModelMetadata; other methods are UNIMPLEMENTED.

    An unknown version is NOT_FOUND, a question that does not fit the signature INVALID_ARGUMENT. The graph
    runs beside the event loop, so that health checks are answered meanwhile.
    """

    def __init__(self, versions: LoadedVersions) -> None:
        self._versions = versions

    def register(self, server: grpc.aio.Server) -> None:
        """Adds the service to a server."""
        methods = {
            "Predict": (self.predict, predict_pb2.PredictRequest),
            "GetModelMetadata": (self.metadata, get_model_metadata_pb2.GetModelMetadataRequest),
        }
        server.add_generic_rpc_handlers((service("tensorflow.serving.PredictionService", methods),))

    async def predict(
        self, request: predict_pb2.PredictRequest, context: grpc.aio.ServicerContext
    ) -> predict_pb2.PredictResponse:
        """Runs the signature that ``model_spec`` names; ``output_filter`` keeps some of the outputs."""
        name = request.model_spec.signature_name or "serving_default"
        left = context.time_remaining()
        until = None if left is None else time.monotonic() + left
        number, results = await self._versions.run(request.model_spec, name, request.inputs, until)
        wanted = set(request.output_filter) or set(results)
        if unknown := sorted(wanted - set(results)):
            raise InvalidRequestError(f"signature {name} has no output {unknown[0][:100]!r}")
        response = predict_pb2.PredictResponse(outputs={output: results[output] for output in wanted})
        self._describe(response.model_spec, number, name)
        return response

    async def metadata(
        self, request: get_model_metadata_pb2.GetModelMetadataRequest, context: grpc.aio.ServicerContext
    ) -> get_model_metadata_pb2.GetModelMetadataResponse:
        """The signatures, as ``metadata["signature_def"]``, the one field that TensorFlow Serving knows."""
        version = self._versions.find(request.model_spec)
        if list(request.metadata_field) != [_METADATA]:
            raise InvalidRequestError(f"metadata_field must be the one value {_METADATA!r}")
        assert version.servable is not None
        signatures = get_model_metadata_pb2.SignatureDefMap(signature_def=version.servable.signature_defs)
        response = get_model_metadata_pb2.GetModelMetadataResponse()
        self._describe(response.model_spec, version.number)
        response.metadata[_METADATA].Pack(signatures)
        return response

    def _describe(self, spec: model_pb2.ModelSpec, number: int, signature: str = "") -> None:
        spec.name, spec.signature_name = self._versions.name, signature
        spec.version.value = number
