import asyncio

import pytest

from serving import event_loop


def test_what_runs_has_uvloop_and_gives_back_what_it_made():
    async def named():
        return type(asyncio.get_running_loop()).__module__

    assert event_loop.run(named()) == "uvloop"


def test_what_goes_wrong_comes_out():
    async def fails():
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        event_loop.run(fails())
