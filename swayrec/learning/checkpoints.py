"""Checkpoints of a network's training, one an epoch, so that one that was killed goes on where it stood."""

import hashlib
import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

import keras
import numpy as np

from swayrec.learning import distribution
from swayrec.tables import objects
from swayrec.tables.whole_folder import whole_folder

_STATE, _NOW, _BEST = "state.json", "now.weights.h5", "best.weights.h5"


class Checkpoints(keras.callbacks.EarlyStopping):
    """Stops when held-out users gain no more, restores the best epoch, and writes down where it stands.

    Args:
        place: a folder or ``s3://BUCKET/KEY``; '' = nothing is written.
        identity: what the training is of; checkpoints of another one are not taken up.
        patience: epochs without a gain.

    ``first_epoch`` is where ``fit`` has to begin, ``history`` the loss on held-out users of each epoch, ``over``
    whether a former process had stopped for good.
    """

    def __init__(self, place: str, identity: str, patience: int) -> None:
        super().__init__(patience=patience, restore_best_weights=True)
        self._place, self._identity = place, identity
        self.first_epoch, self.over = 0, False
        self.history: list[float] = []
        self._told: dict[str, Any] = {}

    @classmethod
    def of(
        cls, switches: distribution.Switches, name: str, settings: Any, learned: np.ndarray, patience: int
    ) -> "Checkpoints":
        """Those of one training below where the switches say: of these settings, from what is to be learned."""
        told = hashlib.sha256(f"{settings!r}".encode() + np.ascontiguousarray(learned).tobytes())
        return cls(switches.checkpoints and f"{switches.checkpoints}/{name}", told.hexdigest(), patience)

    def take_up(self, model: keras.Model) -> None:
        """Loads the newest checkpoint, if there is one of this training; before ``fit``, on a model that is built.

        Raises:
            InputError: object storage does not give it.
        """
        folder = self._found()
        if folder is None:
            return
        told = json.loads((folder / _STATE).read_text(encoding="utf-8"))
        if told["identity"] != self._identity:
            return
        model.load_weights(folder / _BEST)
        best = model.get_weights()
        model.load_weights(folder / _NOW)
        self.first_epoch, self.history, self.over = told["epoch"] + 1, told["history"], told["over"]
        self._told = {**told["stopping"], "best_weights": best}

    def on_train_begin(self, logs: dict | None = None) -> None:
        """Goes on with what the checkpoint said of the best epoch."""
        super().on_train_begin(logs)
        for name, value in self._told.items():
            setattr(self, name, value)

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        """Looks whether it is time to stop, and writes the checkpoint."""
        super().on_epoch_end(epoch, logs)
        self.history.append(float((logs or {})["val_loss"]))
        if self._place and distribution.is_chief():
            self._write(epoch)

    def _write(self, epoch: int) -> None:
        with tempfile.TemporaryDirectory(prefix="swayrec-checkpoint-") as made:
            folder = Path(made)
            self.model.save_weights(folder / _NOW)
            now = self.model.get_weights()
            self.model.set_weights(self.best_weights or now)
            self.model.save_weights(folder / _BEST)
            self.model.set_weights(now)
            stopping = {name: _plain(getattr(self, name)) for name in ("best", "best_epoch", "wait")}
            state = {
                "identity": self._identity,
                "epoch": epoch,
                "history": self.history,
                "over": bool(self.model.stop_training),
                "stopping": stopping,
            }
            # Last, and with it the checkpoint counts.
            (folder / _STATE).write_text(json.dumps(state), encoding="utf-8")
            if objects.is_remote(self._place):
                objects.put(folder, f"{self._place}/{epoch}")
            else:
                with whole_folder(Path(self._place) / str(epoch)) as kept:
                    shutil.copytree(folder, kept, dirs_exist_ok=True)

    def _found(self) -> Path | None:
        """The newest whole checkpoint, here."""
        if not self._place:
            return None
        place = Path(self._place)
        if objects.is_remote(self._place):
            if not objects.exists(self._place):
                return None
            place = objects.fetched(self._place)
        whole = [each.parent for each in place.glob(f"*/{_STATE}") if each.parent.name.isdecimal()]
        return max(whole, key=lambda folder: int(folder.name), default=None)


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value
