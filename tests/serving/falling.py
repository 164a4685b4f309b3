"""Ways in which a part falls, each while its block runs."""

import fcntl
import signal
import sqlite3
import threading
import time
from contextlib import closing, contextmanager


@contextmanager
def predictor_hangs(serving, place):
    process = serving.children["predictor"].process
    process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        process.send_signal(signal.SIGCONT)


@contextmanager
def predictor_is_killed_and_the_file_of_the_lists_gone(serving, place):
    place.popular.unlink()
    serving.children["predictor"].process.kill()
    serving.children["predictor"].process.wait()
    yield
    serving.revive()


@contextmanager
def predictor_is_slow(serving, place):
    process, stop = serving.children["predictor"].process, threading.Event()

    def hold_back():
        while not stop.is_set():
            process.send_signal(signal.SIGSTOP)
            time.sleep(0.4)
            process.send_signal(signal.SIGCONT)
            time.sleep(0.1)

    thread = threading.Thread(target=hold_back)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


@contextmanager
def store_hangs(serving, place):
    """Another process, as far as SQLite can tell, holds all locks that a reader needs."""
    with (place.features / "tiny" / "online.db-shm").open("r+b") as file:
        fcntl.lockf(file, fcntl.LOCK_EX, 8, 120)
        yield


@contextmanager
def store_is_gone(serving, place):
    folder = place.features / "tiny"
    there = list(folder.glob("online.db*"))
    for path in there:
        path.rename(path.with_name(f"gone-{path.name}"))
    yield
    for path in there:
        path.with_name(f"gone-{path.name}").rename(path)


@contextmanager
def store_is_damaged(serving, place):
    with store_is_gone(serving, place):
        online = place.features / "tiny" / "online.db"
        online.write_bytes(b"this is no database" * 4000)
        yield
        online.unlink()


@contextmanager
def predictor_and_store_are_down(serving, place):
    with predictor_hangs(serving, place), store_hangs(serving, place):
        yield


@contextmanager
def log_takes_nothing(serving, place):
    with closing(sqlite3.connect(place.posted / "tiny.db", isolation_level=None)) as log:
        log.execute("CREATE TRIGGER full BEFORE INSERT ON entries BEGIN SELECT RAISE(ABORT, 'full'); END")
        yield
        log.execute("DROP TRIGGER full")
