"""Which column of the features means what, and how types of behavior share weights."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from swayrec.tables.scenario_learning import Form, Kernel

ALL_TIME = 0.0
"""The window of everyone's counts that holds all events."""

Sharing = tuple[Literal["equal", "hand", "own"], ...]
"""What the weight of a behavior is the sum of (:meth:`Layout.sharing`)."""


@dataclass(frozen=True)
class Decay:
    """How an event fades: its half-life in days, in instants of the user, or in the item's usual gaps.

    A half-life of 0 means that it does not fade.
    """

    unit: Literal["days", "steps", "gaps"]
    half_life: float

    def __str__(self) -> str:
        return f"{self.half_life:g} {self.unit}" if self.half_life else "no decay"


@dataclass(frozen=True)
class KernelColumns:
    """A kernel with its decays: one raw column a decay and behavior.

    ``lately``: half-life in days of the events that the similarity is made from; 0 = all alike.
    """

    similarity: str
    factor: str
    norm: str
    counts: str
    decays: tuple[Decay, ...]
    lately: float = 0.0

    @property
    def key(self) -> tuple[str, str, str, str, float]:
        """What makes two kernels of different forms the same."""
        return (self.similarity, self.factor, self.norm, self.counts, self.lately)

    @property
    def table(self) -> str:
        """The name of the similarity's table: kernels of one similarity share it."""
        return f"{self.similarity}_{self.lately:g}_days" if self.lately else self.similarity

    def __str__(self) -> str:
        name = f"{self.similarity} of {self.lately:g} days" if self.lately else self.similarity
        parts = [name, *(part for part in (self.factor, self.norm) if part not in ("one", "none"))]
        return " x ".join(parts) + ("" if self.counts == "count" else f" ({self.counts})")


@dataclass(frozen=True)
class Layout:
    """The raw columns: kernel by kernel (decays x behaviors), then everyone's counts (windows x behaviors), the
    shares of behaviors among them, conversion and age.

    Raw columns are linear in everything that a form may ask for, so one set of sums over the union of all
    forms serves each of them. ``listed``: choices bring their own few candidates, so that texts are compared with
    them in full, and not only with the nearest of the catalogue.
    """

    behaviors: tuple[str, ...]
    targets: tuple[str, ...]
    kernels: tuple[KernelColumns, ...]
    windows: tuple[float, ...]
    conversion: bool
    age: bool
    leave_own_out: bool = False
    shares: bool = False
    age_hours: bool = False
    listed: bool = False

    @property
    def size(self) -> int:
        """d, the number of raw columns."""
        return self.base_start + len(self.base_names)

    @property
    def base_start(self) -> int:
        """The first column that depends on the item alone."""
        return sum(len(kernel.decays) for kernel in self.kernels) * len(self.behaviors)

    @property
    def base_names(self) -> tuple[str, ...]:
        """What the base columns hold, in order."""
        windows = [
            f"{behavior} by everyone, {f'{window:g} days' if window else 'all time'}"
            for window in self.windows
            for behavior in self.behaviors
        ]
        shares = [f"share of {behavior} among everyone's" for behavior in self.behaviors] * self.shares
        extra = ["conversion"] * self.conversion + ["age in hours"] * self.age_hours + ["age"] * self.age
        return tuple(windows + shares + extra)

    @property
    def popularity(self) -> int:
        """How many of the base columns, the first, tell how popular an item is."""
        return (len(self.windows) + self.shares) * len(self.behaviors)

    @property
    def ages(self) -> int:
        """How many of the base columns, the last, tell how old an item is."""
        return self.age_hours + self.age

    @property
    def rest(self) -> tuple[str, ...]:
        """The named parts of a score that no event of the user's explains."""
        return ("popularity", "conversion", "age", "network")

    def block(self, place: int) -> slice:
        """The columns of kernel ``place``: decay by decay, within it behavior by behavior."""
        width = len(self.behaviors)
        start = sum(len(kernel.decays) for kernel in self.kernels[:place]) * width
        return slice(start, start + len(self.kernels[place].decays) * width)

    def names(self) -> list[str]:
        """A readable name of every raw column."""
        history = [
            f"{kernel}, {decay}, {behavior}"
            for kernel in self.kernels
            for decay in kernel.decays
            for behavior in self.behaviors
        ]
        return history + list(self.base_names)

    def selected(self, form: Form) -> np.ndarray:
        """bool[d]: the raw columns that a form uses."""
        wanted = {kernel.key: set(kernel.decays) for kernel in _kernels([form])}
        used = [
            decay in wanted.get(kernel.key, ())
            for kernel in self.kernels
            for decay in kernel.decays
            for _ in self.behaviors
        ]
        used += [window in form.windows_days for window in self.windows for _ in self.behaviors]
        used += [form.shares] * (self.shares * len(self.behaviors)) + [form.conversion] * self.conversion
        used += [form.age_hours] * self.age_hours + [form.age] * self.age
        return np.array(used, bool)

    def sharing(
        self, hand: Sequence[float], of: Sharing = ("equal", "hand", "own")
    ) -> tuple[np.ndarray, np.ndarray]:
        """How behaviors share weights within a kernel and decay.

        ``of`` names what a behavior's weight is the sum of: ``equal``, one weight of all together; ``hand``, one
        of all in the scenario's hand order (where that differs from equal); ``own``, its own, which is a
        deviation that ridge pulls to 0 more strongly where there is a shared one beside it.

        Returns:
            C float64[d, d'] so that raw features times C are the shared columns; bool[d'], the deviations.
        """
        width = len(self.behaviors)
        order = np.asarray(hand, float)
        shared = [np.ones(width)] if "equal" in of or width == 1 else []
        if "hand" in of and width > 1 and np.ptp(order) > 0:
            shared.append(order / (np.abs(order).mean()))
        group = np.column_stack([*shared, np.eye(width)] if width > 1 and "own" in of else shared)
        groups = self.base_start // width
        base = len(self.base_names)
        C = np.zeros((self.size, groups * group.shape[1] + base))
        for place in range(groups):
            C[place * width : (place + 1) * width, place * group.shape[1] : (place + 1) * group.shape[1]] = (
                group
            )
        C[self.base_start :, groups * group.shape[1] :] = np.eye(base)
        deviation = np.zeros(C.shape[1], bool)
        if width > 1:
            one = (np.arange(group.shape[1]) >= len(shared)) & bool(shared)
            deviation[: groups * group.shape[1]] = np.tile(one, groups)
        return C, deviation


def layout(
    forms: Sequence[Form],
    behaviors: tuple[str, ...],
    targets: tuple[str, ...],
    *,
    leave_own_out: bool,
    listed: bool = False,
) -> Layout:
    """The union of the columns that any of ``forms`` uses; the window of all time is always among them."""
    windows = tuple(dict.fromkeys([*(window for form in forms for window in form.windows_days), ALL_TIME]))
    return Layout(
        behaviors=behaviors,
        targets=targets,
        kernels=_kernels(forms),
        windows=windows,
        conversion=any(form.conversion for form in forms),
        age=any(form.age for form in forms),
        leave_own_out=leave_own_out,
        shares=any(form.shares for form in forms),
        age_hours=any(form.age_hours for form in forms),
        listed=listed,
    )


def _decays(kernel: Kernel) -> list[Decay]:
    return [
        *(Decay("days", half_life) for half_life in kernel.half_lives),
        *(Decay("steps", half_life) for half_life in kernel.step_half_lives),
        *(Decay("gaps", half_life) for half_life in kernel.gap_half_lives),
    ]


def _kernels(forms: Sequence[Form]) -> tuple[KernelColumns, ...]:
    merged: dict[tuple[str, str, str, str, float], KernelColumns] = {}
    for form in forms:
        for kernel in form.kernels:
            made = KernelColumns(
                kernel.similarity,
                kernel.factor,
                kernel.norm,
                kernel.counts,
                tuple(_decays(kernel)),
                kernel.lately_days,
            )
            known = merged.get(made.key, made).decays
            merged[made.key] = replace(made, decays=tuple(dict.fromkeys([*known, *made.decays])))
    return tuple(merged.values())
