"""Images built and containers run by podman: no daemon, no registry, and a store of the tests' own.

The base is a Debian made by debootstrap, or the image that SWAYREC_TEST_BASE names. Both it and the layers of what
is built on it are kept between runs.
"""

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NEEDED = pytest.mark.system("podman", "runc", "debootstrap")
USER = 10001
"""The image's user and group."""

_HOME = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "swayrec-test-images"
_BASE = "localhost/swayrec-test-base:bookworm"
_PARTS = "python3,python3-venv,ca-certificates"
_LIMITS = ("--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1000:1000")


def podman(*arguments: object, timeout: float = 600, **given: object) -> subprocess.CompletedProcess:
    """Runs podman on the tests' store; its output is text."""
    where = ("--root", _HOME / "storage", "--runroot", _HOME / "run", "--runtime", "runc")
    command = ["podman", *map(str, (*where, *arguments))]
    return subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=False, **given)


def told(*arguments: object, **given: object) -> str:
    """What podman prints; a test fails where it fails."""
    done = podman(*arguments, **given)
    assert done.returncode == 0, f"podman {arguments[0]}: {done.stdout[-2000:]}{done.stderr[-4000:]}"
    return done.stdout


def base(folder: Path) -> str:
    """The base image's name; it is made in the folder where it is not there yet."""
    if given := os.environ.get("SWAYREC_TEST_BASE"):
        return given
    if podman("image", "exists", _BASE).returncode:
        system = folder / "base"
        command = ["debootstrap", "--variant=minbase", f"--include={_PARTS}", "bookworm", str(system)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=1200)
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
        for left in ("var/cache/apt/archives", "var/lib/apt/lists"):
            shutil.rmtree(system / left)
        with subprocess.Popen(["tar", "-C", str(system), "-c", "."], stdout=subprocess.PIPE) as tar:
            told("import", "-", _BASE, stdin=tar.stdout)
        shutil.rmtree(system)
    return _BASE


def build(folder: Path, target: str, **arguments: str) -> str:
    """Builds a target of the Containerfile with these build arguments: the image's name."""
    name = f"localhost/swayrec-test:{target}"
    options = [f"--build-arg={key}={value}" for key, value in {"BASE": base(folder), **arguments}.items()]
    command = (
        "build",
        "--isolation=chroot",
        "--network=host",
        "--layers",
        f"--target={target}",
        f"--tag={name}",
    )
    told(*command, *options, *_secrets(folder), ROOT, timeout=1800)
    # Of the layers that earlier locks made, none stays for good.
    told("image", "prune", "--force", "--filter=until=24h")
    return name


def command(
    image: str,
    *arguments: object,
    options: Sequence[str] = (),
    writable: Mapping[Path, Path] | None = None,
    readable: Sequence[Path] = (),
) -> tuple:
    """`podman run` as strict as a cluster may be: a read-only root, no capability, no new privilege.

    Args:
        image: which one.
        arguments: what it is given.
        options: more of podman's.
        writable: folders by where they are seen; the image's user gets them.
        readable: folders that are seen where they are.
    """
    mounts = []
    for place, folder in (writable or {}).items():
        owned = ("chown", "-R", f"{USER}:{USER}") if os.geteuid() == 0 else ("chmod", "-R", "a+rwX")
        subprocess.run([*owned, str(folder)], check=True)
        mounts.append(f"--volume={folder}:{place}")
    for folder in readable:
        subprocess.run(["chmod", "-R", "a+rX", str(folder)], check=True)
        mounts.append(f"--volume={folder}:{folder}:ro")
    strict = ("--read-only", "--read-only-tmpfs=false", "--tmpfs=/tmp:rw,mode=1777", "--cap-drop=all")
    alone = ("--security-opt=no-new-privileges", "--network=host", *_LIMITS)
    return ("run", "--rm", *strict, *alone, *mounts, *options, image, *arguments)


@contextlib.contextmanager
def running(name: str, *run: object, folder: Path) -> Iterator[tuple[subprocess.Popen, Path]]:
    """While the block runs, so does the container of this name: its process and the file with what it prints."""
    where = ("--root", _HOME / "storage", "--runroot", _HOME / "run", "--runtime", "runc")
    log = folder / f"{name}.log"
    first, *rest = run
    with log.open("wb") as file:
        line = ["podman", *map(str, (*where, first, f"--name={name}", *rest))]
        process = subprocess.Popen(line, stdin=subprocess.DEVNULL, stdout=file, stderr=file)
    try:
        yield process, log
    finally:
        podman("rm", "--force", "--time=5", name)
        process.wait(30)


def stopped(name: str, process: subprocess.Popen) -> int:
    """Sends SIGTERM as a cluster does, and after its 30 seconds of grace SIGKILL: the exit code, then 137."""
    told("stop", "--time=30", name)
    return process.wait(30)


def _secrets(folder: Path) -> list[str]:
    """What this machine's pip knows of where packages come from, handed on to the build."""
    found = []
    places = [os.environ.get(name, "") for name in ("PIP_CERT", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")]
    for place in (*places, "/etc/ssl/certs/ca-certificates.crt"):
        if place and Path(place).is_file():
            found.append(f"--secret=id=certificates,src={place}")
            break
    asked = subprocess.run(
        [sys.executable, "-m", "pip", "config", "get", "global.index-url"], capture_output=True, text=True
    )
    index = os.environ.get("UV_DEFAULT_INDEX") or os.environ.get("PIP_INDEX_URL") or asked.stdout.strip()
    if index:
        for name, text in (
            ("pip.conf", f"[global]\nindex-url = {index}\n"),
            ("uv.toml", f'[[index]]\nurl = "{index}"\ndefault = true\n'),
        ):
            (folder / name).write_text(text, encoding="utf-8")
            found.append(f"--secret=id={name},src={folder / name}")
    return found
