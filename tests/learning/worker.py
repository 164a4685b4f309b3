"""One worker that trains an intent model and a network; ``TF_CONFIG`` says who the others are.

``python -m tests.learning.worker KIND FOLDER EPOCHS [PAUSE]``: prints each epoch's loss on held-out users as JSON, and
writes what its model says into the folder. PAUSE is seconds after each epoch, for somebody to kill it.
"""

import json
import sys
import time
from pathlib import Path

from swayrec.learning import distribution

distribution.strategy()

import numpy as np  # noqa: E402

from swayrec.learning.checkpoints import Checkpoints  # noqa: E402
from swayrec.learning.intent import IntentShape  # noqa: E402
from swayrec.learning.intent_training import fit_intent  # noqa: E402
from tests.learning.test_intent import TARGETS, alternating_looks  # noqa: E402


def main():
    kind, folder, epochs = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    pause = float(sys.argv[4]) if len(sys.argv) > 4 else 0.0
    written = Checkpoints.on_epoch_end

    def paused(self, epoch, logs=None):
        written(self, epoch, logs)
        print(json.dumps({"epoch": epoch, "loss": self.history[-1]}), flush=True)
        time.sleep(pause)

    Checkpoints.on_epoch_end = paused
    if kind == "intent":
        log = alternating_looks(120, 0)
        # No dropout: two workers drop other rows than one does.
        made = fit_intent(log, TARGETS, IntentShape("gru", 3, 2, 16, dropout=0.0), epochs=epochs, most=1500)
        curve, weights = made.curve, made.model.get_weights()
    else:
        made = network(epochs)
        curve, weights = made.curve, made.network.addition.get_weights()
    if distribution.is_chief():
        folder.mkdir(parents=True, exist_ok=True)
        np.savez(folder / "weights.npz", *weights)
    print(json.dumps({"curve": curve, "replicas": distribution.strategy().num_replicas_in_sync}), flush=True)


def network(epochs):
    from tests.learning.test_recommender import taught
    from tests.looks import looks

    return taught(looks("one of both", 150, 0), epochs)[2]


if __name__ == "__main__":
    main()
