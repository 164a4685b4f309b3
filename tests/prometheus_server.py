"""A real Prometheus that looks at some doors twice a second."""

import json
import subprocess
from contextlib import contextmanager

from serving import ports


@contextmanager
def prometheus_of(doors, folder):
    """Its URL; ``doors`` are `host:port` by job."""
    jobs = [{"job_name": name, "static_configs": [{"targets": [door]}]} for name, door in doors.items()]
    settings = {"global": {"scrape_interval": "500ms", "scrape_timeout": "500ms"}, "scrape_configs": jobs}
    (folder / "prometheus.yml").write_text(json.dumps(settings), encoding="utf-8")
    port = ports.free()
    options = {
        "config.file": folder / "prometheus.yml",
        "storage.tsdb.path": folder / "data",
        "web.listen-address": f"127.0.0.1:{port}",
    }
    process = subprocess.Popen(
        ["prometheus", *(f"--{name}={value}" for name, value in options.items())],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)
