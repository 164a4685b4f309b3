"""Predictor, transformer and intake as child processes: started, waited for, and gone when the block ends."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from types import FrameType, TracebackType
from typing import Self

from serving import ports
from serving.protection import NONE, Protection
from swayrec.operations import experiment, served_models, tether
from swayrec.operations.current import Current
from swayrec.operations.workspace import Workspace
from swayrec.tables.errors import InputError

_GRACE = 10.0
_LAST_LINES = 5

_CHALLENGER = "challenger"
_MODULES = {_CHALLENGER: "predictor"}
"""What runs as a child of another name."""


@dataclass
class Child:
    """One running process and where it writes."""

    name: str
    port: int
    options: tuple[str, ...]
    process: subprocess.Popen
    log: Path
    log_start: int

    def last_words(self) -> str:
        """The end of what it printed since it started."""
        with self.log.open("rb") as file:
            file.seek(self.log_start)
            lines = file.read().decode(errors="replace").strip().splitlines()
        return " | ".join(line.strip() for line in lines[-_LAST_LINES:]) or "it printed nothing"


class Serving:
    """``with Serving(workspace) as serving:`` all processes answer inside the block and are gone after it.

    They are also stopped on Ctrl-C and SIGTERM (the block is left by KeyboardInterrupt or SystemExit), and
    end by themselves within a second of this process being killed.

    Args:
        workspace: a workspace with a finished training.
        port: the transformer's; None = a free one.
        grpc_port: the transformer's over gRPC; None = a free one.
        predictor_port: the predictor's; None = a free one.
        intake: whether an intake is started too; there can be one in a workspace.
        intake_port: the intake's; None = a free one.
        protection: who is let in, told to the processes in their environment.
        timeout: seconds that the processes have to answer.
        say: told what is waited for.
        recent_every: seconds between two counts of what everyone did lately.

    Raises:
        InputError: on entering: nothing is trained, a port is in use, the protection is set wrongly, a process died
            or does not answer.
    """

    def __init__(
        self,
        workspace: Workspace,
        port: int | None = None,
        predictor_port: int | None = None,
        timeout: float = 120.0,
        say: Callable[[str], None] = lambda text: None,
        grpc_port: int | None = None,
        intake: bool = False,
        intake_port: int | None = None,
        protection: Protection = NONE,
        recent_every: float = 60.0,
    ) -> None:
        self._workspace = workspace
        self._timeout = timeout
        self._say = say
        self._protection = protection
        self._recent_every = recent_every
        self._asked = {"transformer": port, "predictor": predictor_port, "gRPC": grpc_port}
        if intake:
            self._asked["intake"] = intake_port
        self.grpc_port = 0
        self.children: dict[str, Child] = {}
        self._challenger_port = ports.free()
        self._before: signal.Handlers | Callable | int | None = None

    @property
    def port(self) -> int:
        """The transformer's port."""
        return self.children["transformer"].port

    @property
    def url(self) -> str:
        """Where the endpoints are: ``{url}/v1/models/swayrec:predict``."""
        return f"http://{ports.HOST}:{self.port}"

    @property
    def intake_url(self) -> str:
        """Where events and items are taken: ``{intake_url}/events``."""
        return f"http://{ports.HOST}:{self.children['intake'].port}"

    def __enter__(self) -> Self:
        Current.read(self._workspace)
        self._protection.admission()
        base_path = served_models.follow(self._workspace)
        chosen = {
            name: ports.free() if port is None else ports.claimed(port) for name, port in self._asked.items()
        }
        for first, second in combinations(chosen, 2):
            if chosen[first] == chosen[second]:
                raise InputError(f"port {chosen[second]} is given to both {first} and {second}; give two")
        self.grpc_port = chosen["gRPC"]
        self._workspace.logs.mkdir(parents=True, exist_ok=True)
        if threading.current_thread() is threading.main_thread():
            self._before = signal.signal(signal.SIGTERM, _leave)
        try:
            self._start("predictor", chosen["predictor"], ["--model-base-path", str(base_path.resolve())])
            self._start(
                "transformer",
                chosen["transformer"],
                [
                    "--workspace",
                    str(self._workspace.root.resolve()),
                    "--predictor-port",
                    str(chosen["predictor"]),
                    "--grpc-port",
                    str(chosen["gRPC"]),
                    "--challenger",
                    f"{ports.HOST}:{self._challenger_port}",
                    "--recent-every",
                    str(self._recent_every),
                    *(("--intake", f"http://{ports.HOST}:{chosen['intake']}") if "intake" in chosen else ()),
                ],
            )
            if "intake" in chosen:
                root = str(self._workspace.root.resolve())
                self._start("intake", chosen["intake"], ["--workspace", root])
            self.follow_experiment()
            self._wait_for("predictor", ports.listens)
            self._wait_for("transformer", ports.is_ready)
            if "intake" in chosen:
                self._wait_for("intake", ports.intake_is_ready)
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def wait(self) -> None:
        """Blocks until interrupted, starts a predictor or an intake that died again, and follows experiments.

        Raises:
            InputError: the transformer died, or another does so again and again.
        """
        deaths: defaultdict[str, list[float]] = defaultdict(list)
        while True:
            time.sleep(0.5)
            self.follow_experiment()
            for name, child in list(self.children.items()):
                if child.process.poll() is None:
                    continue
                now = time.monotonic()
                deaths[name] = [*(death for death in deaths[name] if death > now - 60), now]
                if len(deaths[name]) > 3 and name == _CHALLENGER:
                    continue  # The champion answers in its place; its log says why.
                if name == "transformer" or len(deaths[name]) > 3:
                    raise self._died(child)
                self.revive(name)

    def follow_experiment(self) -> None:
        """Starts or stops the predictor of an experiment's other side, as the workspace says now."""
        try:
            running = experiment.read(self._workspace)
        except InputError as error:
            self._say(str(error))
            return
        held = self.children.get(_CHALLENGER)
        if running is None:
            if held is not None:
                _signal(held, signal.SIGTERM)
                held.process.wait()
                del self.children[_CHALLENGER]
                self._say("the experiment has ended; everyone gets the champion")
            return
        links = served_models.follow_challenger(self._workspace, Path(running.model))
        if held is None:
            self._say(
                f"experiment {running.name}: version {running.version} for {running.share:g} of the users"
            )
            self._start(_CHALLENGER, self._challenger_port, ["--model-base-path", str(links.resolve())])

    def revive(self, name: str = "predictor") -> None:
        """Starts a process that died again, on its port, without waiting for it."""
        child = self.children[name]
        self._say(f"the {name} ended ({child.last_words()}); starting it again")
        self._start(name, child.port, child.options)

    def stop(self) -> None:
        """Stops all processes: SIGTERM, ten seconds, then SIGKILL; safe to call twice."""
        try:
            for child in self.children.values():
                _signal(child, signal.SIGTERM)
            deadline = time.monotonic() + _GRACE
            for child in self.children.values():
                try:
                    child.process.wait(max(deadline - time.monotonic(), 0.1))
                except subprocess.TimeoutExpired:
                    continue
        finally:
            for child in self.children.values():
                _signal(child, signal.SIGKILL)
                child.process.wait()
            if self._before is not None:
                signal.signal(signal.SIGTERM, self._before)
                self._before = None

    def _start(self, name: str, port: int, options: Sequence[str]) -> None:
        log = self._workspace.logs / f"{name}.log"
        house = str(Path(__file__).resolve().parents[1])
        path = os.pathsep.join(filter(None, (house, os.environ.get("PYTHONPATH"))))
        with log.open("ab") as file:
            # A session of its own: Ctrl-C in the terminal reaches this process only, which stops them.
            process = subprocess.Popen(
                [sys.executable, "-m", f"serving.{_MODULES.get(name, name)}", "--port", str(port), *options],
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env={
                    **os.environ,
                    **self._protection.environment(),
                    "PYTHONPATH": path,
                    tether.OWNER: str(os.getpid()),
                },
            )
            self.children[name] = Child(name, port, tuple(options), process, log, file.tell())

    def _wait_for(self, name: str, answers: Callable[[int], bool]) -> None:
        child = self.children[name]
        self._say(f"waiting for the {name} on port {child.port}")
        deadline = time.monotonic() + self._timeout
        while True:
            for other in self.children.values():
                if other.process.poll() is not None:
                    raise self._died(other)
            if answers(child.port):
                return
            if time.monotonic() > deadline:
                raise InputError(
                    f"the {name} does not answer on port {child.port} after {self._timeout:g} s; "
                    f"its log is {child.log}: {child.last_words()}"
                )
            time.sleep(0.1)

    def _died(self, child: Child) -> InputError:
        return InputError(
            f"the {child.name} ended with code {child.process.returncode}; its log is {child.log}: "
            f"{child.last_words()}"
        )


def _leave(number: int, frame: FrameType | None) -> None:
    raise SystemExit(128 + number)


def _signal(child: Child, number: signal.Signals) -> None:
    try:
        os.killpg(child.process.pid, number)
    except ProcessLookupError:
        return  # The whole group is gone, which is what is wanted.
