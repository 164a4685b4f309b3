"""The versions of one model in memory: found by polling its folder, loaded beside the old, then unloaded.

A new version is warm before it serves. Questions in flight end on the version that they began on; only then
it leaves memory, and only once another serves.
"""

import asyncio
import gc
import logging
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tensorflow.core.framework.tensor_pb2 import TensorProto
from tensorflow_serving.apis import model_pb2
from tensorflow_serving.apis.get_model_status_pb2 import ModelVersionStatus

from serving.batching import Batcher, Batching, expired
from serving.refusals import ExpiredError, InvalidRequestError, NotServedError
from serving.servable import Servable, Signature, Tensors
from serving.version_policy import VersionPolicy
from swayrec.learning.exports import numbered
from swayrec.tables.errors import InputError

_log = logging.getLogger(__name__)
_REMEMBERED = 16
"""How many versions that are gone GetModelStatus still tells of."""


@dataclass
class Version:
    """One version and where it stands; ``state`` is TensorFlow Serving's."""

    number: int
    state: int = ModelVersionStatus.LOADING
    error: str = ""
    servable: Servable | None = None
    retry: float = 0.0
    users: int = 0
    idle: asyncio.Event = field(default_factory=asyncio.Event)
    batchers: dict[str, Batcher[Tensors, dict[str, TensorProto]]] = field(default_factory=dict)

    @property
    def available(self) -> bool:
        """Whether it serves."""
        return self.state == ModelVersionStatus.AVAILABLE


class LoadedVersions:
    """Lives in one event loop.

    Args:
        name: the model's.
        base_path: the folder with numbered versions; it is read anew at every look.
        policy: which of them serve.
        load: makes a servable, warm, from a version's folder; raises InputError.
        workers: where questions run.
        batching: None = every question by itself.
        retry: seconds until a version that could not be loaded is tried again.
    """

    def __init__(
        self,
        name: str,
        base_path: Path,
        policy: VersionPolicy,
        load: Callable[[Path], Servable],
        workers: Executor,
        batching: Batching | None = None,
        retry: float = 60.0,
    ) -> None:
        self.name, self.base_path, self.policy = name, base_path, policy
        self._load, self._workers, self._batching, self._retry = load, workers, batching, retry
        self._versions: dict[int, Version] = {}
        self._looking = asyncio.Lock()
        self._loader = ThreadPoolExecutor(max_workers=1, thread_name_prefix="loader")
        self._leaving: set[asyncio.Task] = set()

    @property
    def versions(self) -> Mapping[int, Version]:
        """All versions that are or were here, by number."""
        return self._versions

    @property
    def available(self) -> list[int]:
        """The versions that serve, the smallest number first."""
        return sorted(number for number, version in self._versions.items() if version.available)

    async def look(self) -> None:
        """Reads the folder once: loads what the policy wants, then lets go of what it does not."""
        async with self._looking:
            loop = asyncio.get_running_loop()
            there = await loop.run_in_executor(None, numbered, self.base_path)
            wanted = self.policy.wanted(there)
            for number in sorted(wanted, reverse=True):
                await self._take_in(number, there[number])
            if any(number in wanted for number in self.available):
                for number in self.available:
                    if number not in wanted:
                        self._let_go(self._versions[number])
            gone = [number for number, version in self._versions.items() if version.servable is None]
            for number in sorted(set(gone) - wanted)[:-_REMEMBERED]:
                del self._versions[number]

    async def keep_looking(self, every: float) -> None:
        """Looks again and again until it is cancelled."""
        while True:
            await asyncio.sleep(every)
            try:
                await self.look()
            except OSError as error:
                _log.warning("%s cannot be read: %s", self.base_path, error)

    def find(self, spec: model_pb2.ModelSpec) -> Version:
        """The version that a ModelSpec means: a number, a label, or the newest that serves.

        Raises:
            InvalidRequestError: it names no model, or a label that does not exist.
            NotServedError: the model or version does not serve.
        """
        if not spec.name:
            raise InvalidRequestError("ModelSpec has no name specified.")
        if spec.name != self.name:
            raise NotServedError(
                f"Servable not found for request: Latest({spec.name[:100]!r}); the model here is {self.name}"
            )
        chosen = spec.WhichOneof("version_choice")
        number: int | None = None
        if chosen == "version":
            number = spec.version.value
        elif chosen == "version_label":
            if spec.version_label not in self.policy.labels:
                raise InvalidRequestError(
                    f"Unrecognized servable version label: {spec.version_label[:100]!r}"
                )
            number = self.policy.labels[spec.version_label]
        elif self.available:
            number = self.available[-1]
        version = None if number is None else self._versions.get(number)
        if version is None or not version.available:
            said = f"Latest({self.name})" if number is None else f"Specific({self.name}, {number})"
            here = ", ".join(map(str, self.available)) or "none"
            raise NotServedError(f"Servable not found for request: {said}; versions here: {here}")
        return version

    async def run(
        self, spec: model_pb2.ModelSpec, name: str, given: Tensors, until: float | None
    ) -> tuple[int, dict[str, TensorProto]]:
        """The answering version's number and the outputs of a signature.

        Raises:
            InvalidRequestError, NotServedError: see :meth:`find` and :meth:`Signature.run`.
            ExpiredError: ``until`` (of ``time.monotonic``) passed before the question was run.
            OverloadedError: too many questions wait.
        """
        with self._in_use(self.find(spec)) as version:
            assert version.servable is not None
            signature = version.servable.signature(name)
            if self._batching and signature.batches:
                batcher = version.batchers.get(name)
                if batcher is None:
                    batcher = Batcher(signature.run_together, self._batching, self._workers)
                    version.batchers[name] = batcher
                return version.number, await batcher.ask(given, signature.rows(given), until)
            loop = asyncio.get_running_loop()
            answer = await loop.run_in_executor(self._workers, _run, signature, given, until)
            return version.number, answer

    def relabel(self, policy: VersionPolicy) -> None:
        """Takes a policy whose labels name versions that serve.

        Raises:
            NotServedError: one does not.
        """
        for label, number in policy.labels.items():
            if number not in self.available:
                raise NotServedError(
                    f"Request to assign label {label} to version {number} of model {self.name}, "
                    "which is not currently available for inference"
                )
        self.policy = policy

    @contextmanager
    def _in_use(self, version: Version) -> Iterator[Version]:
        version.users += 1
        try:
            yield version
        finally:
            version.users -= 1
            if not version.users:
                version.idle.set()

    async def _take_in(self, number: int, folder: Path) -> None:
        known = self._versions.get(number)
        if known and (known.servable is not None or time.monotonic() < known.retry):
            return
        version = self._versions[number] = Version(number)
        loop, start = asyncio.get_running_loop(), time.monotonic()
        try:
            # Resolved: where the number is a link, what it names may be switched while the files are read.
            version.servable = await loop.run_in_executor(self._loader, self._load, folder.resolve())
        except InputError as error:
            version.state, version.error = ModelVersionStatus.END, str(error)
            version.retry = time.monotonic() + self._retry
            _log.error("version %s cannot be loaded: %s", number, error)
            return
        version.state = ModelVersionStatus.AVAILABLE
        _log.info("version %s serves, loaded in %.1f s", number, time.monotonic() - start)

    def _let_go(self, version: Version) -> None:
        version.state = ModelVersionStatus.UNLOADING
        task = asyncio.create_task(self._unload(version))
        self._leaving.add(task)
        task.add_done_callback(self._leaving.discard)

    async def _unload(self, version: Version) -> None:
        while version.users:
            version.idle.clear()
            await version.idle.wait()
        version.servable = None
        version.batchers.clear()
        # A loaded SavedModel is full of cycles.
        await asyncio.get_running_loop().run_in_executor(self._loader, gc.collect)
        version.state = ModelVersionStatus.END
        _log.info("version %s is unloaded", version.number)


def _run(signature: Signature, given: Tensors, until: float | None) -> dict[str, TensorProto]:
    if expired(until):
        raise ExpiredError("the deadline passed before the question was run")
    return signature.run(given)
