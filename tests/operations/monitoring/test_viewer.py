"""The viewer: Evidently's UI without its writes, on a workspace that may be damaged."""

import asyncio
import re
from pathlib import Path

import httpx
import pytest
import yaml

from swayrec.operations.monitoring.evidently_folder import EvidentlyFolder
from swayrec.operations.monitoring.evidently_ui import evidently_ui
from swayrec.operations.monitoring.panels import dashboard
from swayrec.operations.monitoring.viewer import REFUSED, Viewer
from tests.operations.monitoring.told import verdict
from tests.processes import wait_until

ID = "0" * 8 + "-0000-4000-8000-" + "0" * 12


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A workspace with three runs, of which one is damaged, and a project that is."""
    folder = tmp_path_factory.mktemp("viewer") / "evidently"
    place = EvidentlyFolder(folder, "shop", "Shop")
    runs = [place.add(verdict(week)) for week in range(3)]
    [home] = folder.iterdir()
    (home / "snapshots" / f"{runs[1]}.json").write_text("{")
    (folder / ID).mkdir()
    (folder / ID / "metadata.json").write_text("{}{")
    return folder, home.name, runs


@pytest.fixture(scope="module")
def ask(made):
    """Asks the viewer of it."""
    shown = Viewer(evidently_ui(made[0]), {"/metrics": metrics})

    def asked(method, path, **more):
        async def once():
            transport = httpx.ASGITransport(app=shown)
            async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
                return await client.request(method, path, **more)

        return asyncio.run(once())

    return asked


async def metrics(scope, receive, send):
    """Another door."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": scope["method"].encode()})


def test_what_is_damaged_is_not_shown_and_all_else_is(made, ask):
    _, project, runs = made
    [shop] = ask("GET", "/api/projects").json()
    assert shop["id"] == project
    told = ask("GET", f"/api/projects/{project}/snapshots").json()
    assert {each["id"] for each in told} == {runs[0], runs[2]}
    panels = ask("GET", f"/api/v2/dashboards/{project}").json()["panels"]
    assert [panel["title"] for panel in panels] == [panel.title for panel in dashboard().panels]


def test_a_run_that_is_added_appears_and_a_file_that_is_half_written_ends_nothing(made, ask):
    folder, project, _ = made
    (folder / ID / "metadata.json").write_text("{")
    (folder / project / "snapshots" / f"{ID}.json").write_text("{")
    added = EvidentlyFolder(folder, "shop", "Shop").add(verdict(7))
    try:
        wait_until(lambda: added in ask("GET", f"/api/projects/{project}/snapshots").text)
    finally:
        EvidentlyFolder(folder, "shop", "Shop").remove(added)
    wait_until(lambda: added not in ask("GET", f"/api/projects/{project}/snapshots").text)


def test_the_numbers_of_a_panel_are_read_with_a_post(made, ask):
    asked = {
        "series_filter": [
            {"tags": [], "metadata": {}, "metric": "*", "metric_labels": {"number": "online/ndcg"}}
        ]
    }
    told = ask("POST", f"/api/v2/snapshots/{made[1]}/data_series_batch", json=asked)
    assert told.status_code in (200, 201), told.text
    [series] = told.json()["series"]
    assert series["values"] == [0.3, pytest.approx(0.28)]


def test_the_path_that_a_cluster_probes_is_answered(ask):
    manifest = Path(__file__).parents[3] / "k8s" / "base" / "dashboard.yaml"
    deployment = next(yaml.safe_load_all(manifest.read_text(encoding="utf-8")))
    [container] = deployment["spec"]["template"]["spec"]["containers"]
    for probe in ("readinessProbe", "livenessProbe"):
        assert ask("GET", container[probe]["httpGet"]["path"]).status_code == 200


def test_every_route_that_writes_is_refused(made, ask):
    before = {path: path.stat().st_mtime_ns for path in made[0].rglob("*")}
    tried = set()
    for route in evidently_ui(made[0]).routes:
        path = re.sub(r"\{[^}]*:uuid\}", ID, re.sub(r"\{[^}:]*:(str|path|int)\}", "x", route.path))
        for method in sorted(route.methods - {"GET", "HEAD", "OPTIONS"}):
            if path.endswith("/data_series_batch"):
                continue
            told = ask(method, path, json={})
            assert told.status_code == 405 and told.json() == {"detail": REFUSED}, (method, path)
            tried.add(method)
    assert tried >= {"POST", "DELETE", "PATCH"}
    assert {path: path.stat().st_mtime_ns for path in made[0].rglob("*") if path in before} == before


def test_a_browser_is_told_to_load_nothing_from_elsewhere_and_other_doors_stand_beside(ask):
    page = ask("GET", "/")
    assert page.status_code == 200 and page.headers["content-security-policy"].startswith(
        "default-src 'self'"
    )
    assert ask("GET", "/metrics").text == "GET"
    assert ask("GET", "/metrics/more").status_code != 200
