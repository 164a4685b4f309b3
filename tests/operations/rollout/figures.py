"""A stand-in of Prometheus' HTTP API that answers queries on the sides of an experiment with given figures."""

import re
import threading
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI
from fastapi.responses import JSONResponse

from serving.ports import free

NAMES = {"questions": "questions", "failures": "failures", "answers": "poorer", "seconds": "p99"}


class FiguresServer:
    """``of`` gives a side's figures by its name; ``away`` is how many queries get no answer."""

    def __init__(self):
        self.of, self.away, self.queries = {}, 0, []

    def app(self):
        app = FastAPI()

        @app.get("/api/v1/query")
        async def query(query: str):
            self.queries.append(query)
            if self.away:
                self.away -= 1
                return JSONResponse({}, 502)
            what, variant = re.search(
                r'swayrec_variant_(\w+?)(?:_total|_bucket)\{variant="([^"]+)"', query
            ).groups()
            found = self.of.get(variant.rpartition("/")[2], {}).get(NAMES[what])
            result = [] if found is None else [{"metric": {}, "value": [0, str(found)]}]
            return {"status": "success", "data": {"resultType": "vector", "result": result}}

        return app


@contextmanager
def figures_server():
    """The server, and its URL."""
    made, port = FiguresServer(), free()
    server = uvicorn.Server(uvicorn.Config(made.app(), port=port, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
    try:
        yield made, f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()
