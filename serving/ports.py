"""Ports on loopback: free ones, taken ones, and whether something answers there."""

import http.client
import socket

from swayrec.tables.errors import InputError

HOST = "127.0.0.1"


def free() -> int:
    """A port that nothing listens on just now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def claimed(port: int) -> int:
    """The port itself, if a server can be started on it; a free one for 0.

    Raises:
        InputError: it is in use, only for root, or none.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except PermissionError:
            raise InputError(f"port {port} may only be used by root; give one above 1023") from None
        except OverflowError:
            raise InputError(f"port {port} does not exist; give one between 1024 and 65535") from None
        except OSError:
            raise InputError(
                f"port {port} is in use by another program; stop that program or give another port"
            ) from None
        return int(probe.getsockname()[1])


def listens(port: int) -> bool:
    """Whether something takes connections on the port."""
    try:
        with socket.create_connection((HOST, port), timeout=1):
            return True
    except OSError:
        return False


def is_ready(port: int) -> bool:
    """Whether KServe's readiness endpoint on the port says that the model is ready."""
    return answers(port, "/v2/models/swayrec/ready")


def intake_is_ready(port: int) -> bool:
    """Whether the intake on the port says that it is ready."""
    return answers(port, "/v2/health/ready")


def answers(port: int, path: str) -> bool:
    """Whether a GET of the path is answered with 200."""
    connection = http.client.HTTPConnection(HOST, port, timeout=2)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
