"""What a model learned, apart from its tables: kept beside every export, so that new tables can be put under it."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from swayrec.learning.catalogue import Catalogue
from swayrec.learning.closed_intent import ClosedIntent
from swayrec.learning.intent import IntentModel, no_text
from swayrec.learning.intents import Intent
from swayrec.learning.layout import Decay, KernelColumns, Layout
from swayrec.learning.recommender import Addition, Recommender
from swayrec.learning.scoring import Scoring
from swayrec.learning.served import Served
from swayrec.learning.signature import Metadata
from swayrec.learning.tables import ItemTables
from swayrec.learning.trees import FILE as TREES
from swayrec.learning.trees import Forest, Trees
from swayrec.learning.user_context import UserContext
from swayrec.tables.intact import intact
from swayrec.tables.scenario_learning import Text

FOLDER = Path("assets.extra") / "learned"
"""Where an export keeps it, relative to the numeric version folder."""

_FORM = "form.json"
_SEQUENCE, _NETWORK = "sequence", "network"


@dataclass(frozen=True)
class Learned:
    """The columns and their weights float[d], the intent model, perhaps a network, and the language model that read the
    items' texts (None = no text was read).
    """

    layout: Layout
    weights: np.ndarray
    intent: Intent
    network: Recommender | None = None
    text: Text | None = None

    def served(self, tables: ItemTables, metadata: Metadata) -> Served:
        """The module that is exported: this over some tables, whose catalogue it must have been loaded for."""
        scoring = Scoring(tables, self.layout, self.weights)
        return Served(tables, scoring, metadata, self.intent, self.network)

    def save(self, version_folder: Path) -> None:
        """Writes it into an export's folder."""
        folder = version_folder / FOLDER
        folder.mkdir(parents=True, exist_ok=True)
        form = {
            "layout": asdict(self.layout),
            "text": self.text.model_dump(mode="json") if self.text else None,
        }
        (folder / _FORM).write_text(json.dumps(form, indent=2), encoding="utf-8")
        arrays: dict[str, Any] = {"w": self.weights}
        if self.network is not None and self.network.plain is not None:
            arrays["plain"] = self.network.plain
        np.savez(folder / "weights.npz", **arrays)
        if isinstance(self.intent, IntentModel):
            self.intent.save_folder(folder / _SEQUENCE)
        else:
            assert isinstance(self.intent, ClosedIntent)
            self.intent.save(folder)
        if self.network is not None:
            self.network.addition.save_folder(folder / _NETWORK)

    @classmethod
    def text_of(cls, version_folder: Path) -> Text | None:
        """The language model alone: it is needed before there are vectors to load the rest for.

        Raises:
            InputError: the export holds nothing learned, or it is damaged.
        """
        with intact(version_folder / FOLDER):
            return _form(version_folder)[1]

    @classmethod
    def layout_of(cls, version_folder: Path) -> Layout:
        """The columns alone.

        Raises:
            InputError: the export holds nothing learned, or it is damaged.
        """
        with intact(version_folder / FOLDER):
            return _form(version_folder)[0]

    @classmethod
    def load(cls, version_folder: Path, catalogue: Catalogue) -> "Learned":
        """Reads what :meth:`save` wrote, for a catalogue, which may be another than the one that it was learned on.

        Raises:
            InputError: the export holds nothing learned, or it is damaged.
        """
        folder = version_folder / FOLDER
        with intact(folder, tf.errors.OpError):
            layout, text = _form(version_folder)
            with np.load(folder / "weights.npz") as stored:
                weights = stored["w"]
                plain = stored.get("plain")
            intent: Intent
            if (folder / _SEQUENCE).is_dir():
                vectors = catalogue.vectors
                texts = no_text(len(catalogue.category)) if vectors is None else vectors
                intent = IntentModel.load_folder(folder / _SEQUENCE, texts)
            else:
                intent = ClosedIntent.load(folder)
            network = None
            if (folder / _NETWORK).is_dir():
                context = UserContext(intent, len(layout.behaviors))
                network = Recommender(_addition(folder / _NETWORK, catalogue), context, plain)
            return cls(layout, weights, intent, network, text)


def _addition(folder: Path, catalogue: Catalogue) -> Addition | Trees:
    if (folder / TREES).exists():
        return Trees(Forest.load_folder(folder))
    return Addition.load_folder(folder, catalogue.vectors)


def _form(version_folder: Path) -> tuple[Layout, Text | None]:
    raw = json.loads((version_folder / FOLDER / _FORM).read_text(encoding="utf-8"))
    told = raw["layout"]
    kernels = tuple(
        KernelColumns(**{**kernel, "decays": tuple(Decay(**decay) for decay in kernel["decays"])})
        for kernel in told["kernels"]
    )
    lists = {name: tuple(told[name]) for name in ("behaviors", "targets", "windows")}
    return Layout(**{**told, **lists, "kernels": kernels}), Text(**raw["text"]) if raw["text"] else None
