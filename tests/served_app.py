"""An application in a thread of this process: what stands in for a service that tests cannot have."""

import threading
from contextlib import contextmanager

import uvicorn

from serving.ports import free


@contextmanager
def served(app):
    """Its URL, as long as the block runs."""
    port = free()
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()
