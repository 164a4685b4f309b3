import hashlib
import hmac

import pytest

from swayrec.operations.pseudonym import key, pseudonyms
from swayrec.operations.workspace import Workspace
from swayrec.tables.errors import InputError


def test_the_key_is_made_once_and_only_its_owner_may_read_it(tmp_path):
    workspace = Workspace(tmp_path)
    first = key(workspace)
    assert len(first) == 32 and key(workspace) == first
    assert workspace.pseudonym_key.stat().st_mode & 0o077 == 0
    assert [path.name for path in workspace.pseudonym_key.parent.iterdir()] == ["pseudonym.key"]
    assert key(Workspace(tmp_path / "other")) != first


def test_a_key_that_is_none_protects_nobody_and_is_refused(tmp_path):
    workspace = Workspace(tmp_path)
    key(workspace)
    workspace.pseudonym_key.write_bytes(b"")
    with pytest.raises(InputError, match=r"pseudonym\.key: the key is damaged, it has 0 bytes"):
        key(workspace)


def test_a_pseudonym_is_the_hmac_of_the_id_under_the_key():
    made = pseudonyms(["u1", "u2", "u1", "用户"], b"secret")
    assert made[0] == made[2] != made[1]
    assert made[3] == hmac.new(b"secret", "用户".encode(), hashlib.sha256).hexdigest()
    assert pseudonyms(["u1"], b"other") != made[:1]
