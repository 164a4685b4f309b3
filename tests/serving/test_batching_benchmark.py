import json
import subprocess
import sys

import pytest

from .conftest import HOUSE, quiet


@pytest.mark.soak
def test_the_benchmark_of_batching_measures_both_settings(model_folder):
    options = ["--seconds", "0.5", "--callers", "4", "--batching", "off", "on, 1 ms", "--json"]
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.batching", str(model_folder), *options],
        capture_output=True,
        text=True,
        env=quiet(),
        cwd=HOUSE,
        timeout=180,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["batching"] for line in lines] == ["off", "on, 1 ms"]
    assert all(line["callers"] == 4 and line["per_second"] > 1 for line in lines)
    assert all(0 < line["p50"] <= line["p99"] for line in lines)
