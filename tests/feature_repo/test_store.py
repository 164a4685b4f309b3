import threading

from feast.protos.feast.core.Registry_pb2 import Registry

from feature_repo.store import applied
from feature_repo.views import SCHEMAS


def test_who_looks_while_definitions_are_applied_finds_all_of_them(tmp_path):
    applied(tmp_path, "small", tuple(SCHEMAS))
    found, stop = set(), threading.Event()

    def look():
        while not stop.is_set():
            held = Registry.FromString((tmp_path / "registry.db").read_bytes())
            found.add((len(held.feature_views), len(held.entities)))

    looking = threading.Thread(target=look)
    looking.start()
    for _ in range(20):
        applied(tmp_path, "small", tuple(SCHEMAS))
    stop.set()
    looking.join()
    assert len(found) == 1
