import io
import logging

from pipelines.runlog import RunLog


class Told:
    """Keeps what it is told."""

    def __init__(self):
        self.all = []

    def started(self, step):
        self.all.append(("started", step))

    def said(self, step, text):
        self.all.append(("said", step, text))

    def finished(self, step, seconds):
        assert seconds >= 0
        self.all.append(("finished", step))

    def cached(self, step):
        self.all.append(("cached", step))


def test_run_is_told_step_by_step_and_kept_whole():
    kept, told = io.StringIO(), Told()
    log = RunLog(kept, told)
    printed = (
        "10:00:00 - INFO - Executing task \x1b[96m'fit-influence'\x1b[0m\n"
        "    some library's noise[swayrec] fit_influence: 3 of 9 settings\n"
        "10:00:01 - INFO - Task \x1b[96m'fit-influence'\x1b[0m finished with status \x1b[92mSUCCESS\x1b[0m\n"
    )
    for start in range(0, len(printed), 7):
        log.write(printed[start : start + 7])
    assert kept.getvalue() == printed
    assert told.all == [
        ("started", "fit_influence"),
        ("said", "fit_influence", "3 of 9 settings"),
        ("finished", "fit_influence"),
    ]


def test_error_of_a_step_is_kept_as_its_sentence():
    log = RunLog(io.StringIO(), Told())
    log.write("    [swayrec] ingest: error: shop.csv: there is no column user\n    KeyError: 1\n\nEnd\n")
    assert log.error == "shop.csv: there is no column user"
    assert log.last == "KeyError: 1"


def test_cached_step_is_heard_through_logging():
    told = Told()
    handler = RunLog(io.StringIO(), told).handler()
    handler.emit(
        logging.makeLogRecord({"msg": "Task train-intent cache hit (key=0123); skipping execution."})
    )
    assert told.all == [("cached", "train_intent")]
