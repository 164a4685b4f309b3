"""The one exception that a person is meant to read, and what a disk refuses, in the same words."""

import errno
import os

_OF_THE_MACHINE = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT)


class InputError(ValueError):
    """Something that came from outside is wrong; the message is one sentence that says what to do.

    The message names the file and, where there are any, the row, the column (or field) and the value.
    The command line prints it without a traceback and exits 1.
    """


def of_the_machine(error: OSError) -> str | None:
    """What is wrong with a disk or with rights on it: no fault of the code's, so one sentence too.

    Returns:
        The sentence; None where the error is another one.
    """
    if error.errno not in _OF_THE_MACHINE:
        return None
    why = os.strerror(error.errno)
    if error.filename is not None:
        return f"{error.filename}: {why}; mend that, or give another workspace with --workspace"
    # Arrow does not say which file it was.
    return (
        f"{why}: the workspace or the folder for temporary files (TMPDIR) cannot be written to; mend that, or "
        "give another workspace with --workspace"
    )
