"""What nobody thought of: the caller gets a number, the log the place, and neither of them what was sent."""

import logging
import re

import pytest
from starlette.testclient import TestClient

from serving.admission import EVERYONE
from serving.intake_app import Intake
from serving.pusher import Pusher
from serving.sqlite_log import SqliteLog

SECRET = "id-of-somebody-17"


@pytest.fixture
def client(tmp_path):
    def broken():
        raise ValueError(f"{tmp_path} knows no {SECRET}")

    log = SqliteLog(tmp_path / "log.db")
    with TestClient(Intake(log, Pusher(log, broken), broken, EVERYONE).app()) as client:
        yield client
    log.close()


def test_a_fault_of_the_intake_is_a_number_to_the_caller_and_a_place_in_the_log(client, caplog, tmp_path):
    with caplog.at_level(logging.DEBUG):
        answer = client.post("/events", json={"user_id": SECRET})
    assert answer.status_code == 500
    number = re.fullmatch(r"this request failed, number (\w{32}); the log says why", answer.json()["error"])[
        1
    ]
    [told] = [record.getMessage() for record in caplog.records if number in record.getMessage()]
    assert "ValueError" in told
    assert "in broken" in told
    assert SECRET not in caplog.text
    assert str(tmp_path) not in answer.text
