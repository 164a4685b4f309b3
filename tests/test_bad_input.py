"""What a newcomer may bring, on the real command line: one sentence on standard error, exit 1, nothing left."""

import gzip
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SWAYREC = [sys.executable, "-m", "swayrec.cli"]
GOOD = [f"u{i % 40},p{i % 13},{i * 17 % 86400}\n" for i in range(400)]


@pytest.fixture
def log(shop):
    """The raw file of the scenario `shop`: 400 clicks of 40 users on 13 items, in seconds since the epoch."""
    shop.write_text(shop.read_text().replace('item = "i"', 'item = "i"\ntime = "t"\ntime_unit = "s"'))
    path = shop.parent / "clicks.csv"
    path.write_text("u,i,t\n" + "".join(GOOD))
    return path


def swayrec(*arguments, prefix=(), **environment):
    command = [*prefix, *SWAYREC, *(str(argument) for argument in arguments)]
    return subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )


def refused(done, *parts):
    assert done.returncode == 1, done.stderr
    assert done.stdout == ""
    assert done.stderr.startswith("Error: ")
    assert len(done.stderr.splitlines()) == 1, done.stderr
    for part in parts:
        assert part in done.stderr


def rename(old, new):
    return lambda scenario, log: scenario.write_text(scenario.read_text().replace(old, new))


def write(content):
    return lambda scenario, log: log.write_bytes(content)


@pytest.mark.parametrize(
    ("harm", "parts"),
    [
        (rename("clicks.csv", "nothere.csv"), ["there is no file", "nothere.csv"]),
        (
            rename('user = "u"', 'user = "customer"'),
            ["events.clicks.user names the column customer", "it has u, i, t"],
        ),
        (rename("[split]", "[split"), ["this is not TOML"]),
        (rename('behavior_is = "click"', 'behavior_is = "click"\nwhere = "t > \'"'), ["is no SQL condition"]),
        (write(b""), ["clicks.csv: the file is empty"]),
        (write("u,i,t\n用户,商品,1\n".encode("gbk")), ["most often wrong encoding, first in row 1"]),
        (write(gzip.compress(b"u,i,t\na,b,1\n")), ["the file is gzip"]),
        (write(b"u,i,t\nu,a,1\nu,b,2\n"), ["the events have 1 user"]),
        (write(b"u,i,t\nu,a,1\nv,b,2\n"), ["no user has both a past and a target event (click)"]),
    ],
    ids=lambda value: value[0][:20] if isinstance(value, list) else "",
)
def test_bad_input_is_one_sentence_and_leaves_nothing_behind(shop, log, tmp_path, harm, parts):
    harm(shop, log)
    workspace = tmp_path / "workspace"
    refused(swayrec("check", shop, "--workspace", workspace), *parts)
    left = sorted(path.name for path in workspace.rglob("*") if path.is_file()) if workspace.exists() else []
    assert left in ([], ["clicks.csv"]), "only rows that were refused stay"


def test_bad_rows_are_counted_and_told_with_the_first(shop, log, tmp_path):
    log.write_text(log.read_text() + "u1,,5\nu1,p1,soon\nu1,p1\n,p1,5\nu1,p2,soon\nu1,p1,4102444800\n")
    done = swayrec("check", shop, "--workspace", tmp_path / "workspace")
    assert done.returncode == 0, done.stderr
    for line in (
        "quarantined, missing item: 1, first in row 401",
        "quarantined, unparsable time: 2, first in row 402",
        "quarantined, wrong number of columns: 1, first in row 403",
        "quarantined, unknown user: 1, first in row 404",
        "quarantined, time in the future: 1, first in row 406",
        "406 rows read",
    ):
        assert line in done.stdout


def test_a_second_training_in_a_workspace_is_refused_and_disturbs_nothing(shop, log, tmp_path):
    from swayrec.operations.lock import locked
    from swayrec.operations.workspace import Workspace

    with locked(Workspace(tmp_path / "workspace")):
        done = swayrec("train", shop, "--workspace", tmp_path / "workspace")
    refused(done, f"another training or refresh (process {os.getpid()}) is at work", "--workspace")
    assert [path.name for path in (tmp_path / "workspace").iterdir()] == ["lock"]


def test_a_workspace_that_cannot_be_one_is_named(shop, log, tmp_path):
    (tmp_path / "file").write_text("somebody's")
    for place in ("file", "file/workspace"):
        refused(
            swayrec("train", shop, "--workspace", tmp_path / place),
            str(tmp_path / place),
            "cannot be written to",
        )
    assert (tmp_path / "file").read_text() == "somebody's"


@pytest.mark.skipif(
    os.getuid() != 0 or not shutil.which("setpriv"), reason="only root can become somebody else"
)
def test_a_workspace_of_somebody_else_is_named(shop, log, tmp_path):
    (tmp_path / "workspace").mkdir(mode=0o755)
    for parent in (tmp_path, *tmp_path.parents[:2]):
        parent.chmod(0o755)
    nobody = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
    done = swayrec("check", shop, "--workspace", tmp_path / "workspace", prefix=nobody)
    refused(done, "the workspace cannot be written to (Permission denied)")


@pytest.fixture
def full(tmp_path):
    """A folder on a disk that is nearly full."""
    place = tmp_path / "full"
    place.mkdir()
    try:
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", place], capture_output=True
        )
    except FileNotFoundError:
        pytest.skip("there is no mount here")
    if mounted.returncode:
        pytest.skip("no disk may be mounted here")
    yield place
    subprocess.run(["umount", "--lazy", place], check=True)


@pytest.fixture
def longer(log):
    """More than fits what is left of the disk."""
    log.write_text("u,i,t\n" + "".join(f"user{i},item{i * 7919 % 10007},{i}\n" for i in range(20_000)))


@pytest.mark.parametrize("command", ["check", "train"])
def test_a_full_disk_is_one_sentence(shop, longer, full, command):
    (full / "others").write_bytes(bytes(40_000))
    refused(
        swayrec(command, shop, "--workspace", full / "workspace"), "No space left on device", "--workspace"
    )
    assert not list((full / "workspace").rglob("*.parquet"))


def test_a_full_disk_for_temporary_files_is_no_fault_of_the_raw_file(shop, longer, full, tmp_path):
    done = swayrec("check", shop, "--workspace", tmp_path / "workspace", TMPDIR=str(full))
    refused(done, "No space left on device", "TMPDIR")
