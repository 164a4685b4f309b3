"""TensorFlow, imported without the lines that its libraries print to standard error whatever one asks for."""

import os
import sys


def load_tensorflow() -> None:
    """Imports TensorFlow and lets it look for devices, which is when it speaks of drivers that it misses.

    These lines come from C++ before any setting is read, so the descriptor itself is turned away meanwhile;
    what goes wrong is raised as an exception all the same.
    """
    sys.stderr.flush()
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        import tensorflow as tf

        tf.config.list_physical_devices()
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
