"""Pseudonyms of users: what stands for a user id wherever data are kept beyond the tables."""

import hashlib
import hmac
import os
import secrets
from collections.abc import Sequence

from swayrec.operations.workspace import Workspace
from swayrec.tables.errors import InputError

KEY_BYTES = 32


def key(workspace: Workspace) -> bytes:
    """The workspace's secret, 32 bytes; made when first asked for, readable by its owner only.

    Raises:
        InputError: the file holds something else: pseudonyms under it would protect nobody.
    """
    path = workspace.pseudonym_key
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        # Written beside and linked: whoever comes second finds the first one's whole key, never half of one.
        unfinished = path.with_name(f".{path.name}.{os.getpid()}")
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(secrets.token_bytes(KEY_BYTES))
        try:
            os.link(unfinished, path)
        except FileExistsError:
            pass
        finally:
            unfinished.unlink()
    found = path.read_bytes()
    if len(found) != KEY_BYTES:
        raise InputError(
            f"{path}: the key is damaged, it has {len(found)} bytes and not {KEY_BYTES}; put the right one back, or "
            "remove it, and pseudonyms change"
        )
    return found


def pseudonyms(users: Sequence[str], secret: bytes) -> list[str]:
    """HMAC-SHA256 (RFC 2104) of each user id under the workspace's key, in 64 hexadecimal digits."""
    known = {user: hmac.new(secret, user.encode(), hashlib.sha256).hexdigest() for user in set(users)}
    return [known[user] for user in users]
