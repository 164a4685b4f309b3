"""Tables of cases and of placements, as Evidently has them, read as the arrays that fairness computes on."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from swayrec.evaluation.fairness import Groups, Shown, Wanted
from swayrec.tables.errors import InputError


@dataclass(frozen=True)
class Owners:
    """Whose row each is: ``number`` int64[rows] numbers the users (or items), ``count`` is how many there are."""

    number: np.ndarray
    count: int


def owners(frame: pd.DataFrame, column: str) -> Owners:
    """Numbers the values of a column; a row without one stands for itself."""
    told = _column(frame, column).astype(object)
    told = told.where(told.notna() & (told != ""))
    number, values = pd.factorize(told)
    number = number.astype(np.int64)
    nobody = number < 0
    number[nobody] = len(values) + np.arange(int(nobody.sum()))
    return Owners(number, len(values) + int(nobody.sum()))


def groups(frame: pd.DataFrame, column: str, of: Owners) -> Groups:
    """The group of each user (or item): what its last row says."""
    last = np.full(of.count, -1, np.int64)
    last[of.number] = np.arange(len(of.number))
    labels = _column(frame, column).astype(object).iloc[last]
    return Groups.of([None if pd.isna(label) else str(label) for label in labels])


def numbers(frame: pd.DataFrame, column: str) -> np.ndarray:
    """A column of numbers, float64[rows], NaN where there is none.

    Raises:
        InputError: a value is no number.
    """
    told = _column(frame, column)
    try:
        return pd.to_numeric(told).to_numpy(np.float64, na_value=np.nan)
    except (ValueError, TypeError):
        raise InputError(
            f"the column {column} holds something that is no number; give numbers only"
        ) from None


def placements(frame: pd.DataFrame, user: str, item: np.ndarray, position: str) -> Shown:
    """The rows that have a position, 1 = first; ``item`` int64[rows] are their items' numbers.

    Raises:
        InputError: a position is below 1.
    """
    place = numbers(frame, position)
    shown = ~np.isnan(place)
    if (place[shown] < 1).any():
        raise InputError(f"the column {position} has the position {place[shown].min():g}; the first is 1")
    return Shown(owners(frame, user).number[shown], item[shown], place[shown].astype(np.int64))


def wanted(frame: pd.DataFrame, user: str, item: np.ndarray, merit: str) -> Wanted:
    """The rows whose merit is above 0, shown or not."""
    weight = numbers(frame, merit)
    told = weight > 0
    return Wanted(owners(frame, user).number[told], item[told], weight[told])


def _column(frame: pd.DataFrame, column: str) -> pd.Series:
    if column not in frame.columns:
        raise InputError(
            f"the table has no column {column}; it has {', '.join(map(str, frame.columns))}: name one of them"
        )
    return frame[column]
