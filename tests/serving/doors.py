"""The doors of a running transformer, asked without a break while its parts fall."""

import json
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field

import grpc

from serving.processes import Serving
from tests.processes import wait_until

JSON = {"Content-Type": "application/json"}
USER = "anna"


def post(url: str, body: object, **headers: str) -> tuple[int, dict]:
    request = urllib.request.Request(url, json.dumps(body).encode(), {**JSON, **headers})
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def predict(serving: Serving) -> tuple[int, str]:
    status, told = post(f"{serving.url}/v1/models/swayrec:predict", {"instances": [{"user_id": USER}]})
    return status, told["predictions"][0]["level"] if status == 200 else str(told)


def infer(serving: Serving) -> tuple[int, str]:
    tensor = {"name": "user_id", "shape": [1], "datatype": "BYTES", "data": [USER]}
    asked = {"inputs": [tensor], "outputs": [{"name": "level"}]}
    status, told = post(f"{serving.url}/v2/models/swayrec/infer", asked)
    return status, told["outputs"][0]["data"][0] if status == 200 else str(told)


def messages() -> tuple[object, object]:
    """KServe's messages and stubs, which cannot be imported beside options of ours."""
    given, sys.argv = sys.argv, sys.argv[:1]
    from kserve.protocol.grpc import grpc_predict_v2_pb2, grpc_predict_v2_pb2_grpc

    sys.argv = given
    return grpc_predict_v2_pb2, grpc_predict_v2_pb2_grpc


def over_grpc(serving: Serving, timeout: float = 30, metadata: tuple = ()) -> tuple[int, str]:
    pb, stubs = messages()
    asked = pb.ModelInferRequest(model_name="swayrec")
    asked.inputs.add(name="user_id", datatype="BYTES", shape=[1]).contents.bytes_contents.append(
        USER.encode()
    )
    asked.outputs.add(name="level")
    with grpc.insecure_channel(f"127.0.0.1:{serving.grpc_port}") as channel:
        try:
            told = stubs.GRPCInferenceServiceStub(channel).ModelInfer(
                asked, timeout=timeout, metadata=metadata
            )
        except grpc.RpcError as error:
            return 500, f"{error.code().name}: {error.details()}"
    return 200, told.outputs[0].contents.bytes_contents[0].decode()


DOORS: dict[str, Callable[[Serving], tuple[int, str]]] = {"v1": predict, "v2": infer, "gRPC": over_grpc}


@dataclass
class Asked:
    """Asks every door again and again inside a ``with`` block."""

    serving: Serving
    newest: dict[str, str] = field(default_factory=dict)
    bad: list[str] = field(default_factory=list)
    longest: float = 0.0
    count: int = 0

    def __enter__(self) -> "Asked":
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._ask, args=door) for door in DOORS.items()]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def wait_for(self, level: str, seconds: float = 20) -> float:
        """Waits until every door answers at the level; the seconds that it took."""
        began = time.monotonic()
        self.newest.clear()
        wait_until(lambda: list(self.newest.values()) == [level] * len(DOORS), seconds)
        return time.monotonic() - began

    def _ask(self, name: str, door: Callable[[Serving], tuple[int, str]]) -> None:
        while not self._stop.is_set():
            began = time.monotonic()
            status, level = door(self.serving)
            self.longest = max(self.longest, time.monotonic() - began)
            self.count += 1
            self.newest[name] = level
            if status != 200:
                self.bad.append(f"{name}: {level}")
            time.sleep(0.02)
