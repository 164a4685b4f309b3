"""A stand-in of Prometheus' HTTP API that answers queries on the sides of an experiment with given figures."""

import re
from contextlib import contextmanager

from fastapi import FastAPI
from fastapi.responses import JSONResponse

from tests.served_app import served

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
    made = FiguresServer()
    with served(made.app()) as url:
        yield made, url
