"""The checks that ask the model: the influence that a window's own choices show, and what the champion foretells."""

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from swayrec.learning.exports import newest
from swayrec.operations import embedding
from swayrec.operations.monitoring.learned_influence import LearnedInfluence
from swayrec.operations.monitoring.result import Result
from swayrec.operations.monitoring.watching import OfModel
from swayrec.operations.monitoring.window import Window
from swayrec.tables.dataset import Dataset
from swayrec.tables.scenario import Scenario
from swayrec.tables.scenario_monitoring import Check


def of_model(
    scenario: Scenario,
    scenario_name: str,
    dataset: Dataset,
    model: Path,
    reference: Path,
    texts: Path,
    work: Path,
    say: Callable[[str], None],
) -> OfModel:
    """The checks, for any number of windows; TensorFlow is imported and the model loaded.

    Args:
        scenario: behaviors, targets, choices.
        scenario_name: the scenario file's name, for errors.
        dataset: the newest data.
        model: the folder of the served model's exports.
        reference: the folder of what the champion learned.
        texts: the cache of texts.
        work: a folder for vectors.
        say: told of progress.
    """
    from swayrec.learning.export import ExportedModel
    from swayrec.learning.learned import Learned
    from swayrec.operations.monitoring.foretold import intent
    from swayrec.operations.monitoring.refit import influence
    from swayrec.operations.training.stages import Items, served_log

    version = newest(model)
    layout, champion = Learned.layout_of(version), LearnedInfluence.read(reference, scenario)
    log = served_log(scenario, dataset)
    # Texts are read as the model learned to, whatever the scenario says by now.
    read = scenario.model_copy(update={"text": Learned.text_of(version)})
    vectors = None
    if read.text is not None and any(kernel.similarity == "text" for kernel in layout.kernels):
        embedding.embed(read, scenario_name, dataset, texts, work, say)
        vectors = work
    catalogue = Items.read(read, dataset, vectors).of(log)
    asked = ExportedModel.load(version)

    def checks(window: Window) -> Mapping[Check, Result | None]:
        known = log.where(log.time < window.end)
        found: dict[Check, Result | None] = {"intent": intent(asked, known, window)}
        say("intents are foretold")
        if champion is not None and np.any(champion.w):
            found["influence"] = influence(scenario, known, catalogue, layout, champion, window)
            say("influence is refitted")
        return found

    return checks
