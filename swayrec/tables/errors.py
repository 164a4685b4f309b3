"""The one exception that a person is meant to read."""


class InputError(ValueError):
    """Something that came from outside is wrong; the message is one sentence that says what to do.

    The message names the file and, where there are any, the row, the column (or field) and the value.
    The command line prints it without a traceback and exits 1.
    """
