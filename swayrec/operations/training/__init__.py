"""The steps of training: what is fitted on what (METHOD section 1), each a function over folders."""

from swayrec.operations.training.evaluating import evaluate
from swayrec.operations.training.influencing import fit_influence
from swayrec.operations.training.intending import train_intent
from swayrec.operations.training.recommending import train_recommender

__all__ = ["evaluate", "fit_influence", "train_intent", "train_recommender"]
