"""What each past event amounts to under a kernel: its count, faded by age."""

import numpy as np
import tensorflow as tf

from swayrec.learning.layout import Decay, KernelColumns
from swayrec.learning.past import Past


class EventAmounts:
    """phi of a batch of histories, kernel by kernel, each computed once; so is a decay that several share."""

    def __init__(self, past: Past, gap: tf.Tensor) -> None:
        """``gap`` float32[N], the usual days between two times that a user takes an item."""
        self.past = past
        self._gap = gap
        self._faded: dict[Decay, tf.Tensor] = {}
        self._phi: dict[KernelColumns, tf.Tensor] = {}

    def of(self, kernel: KernelColumns) -> tf.Tensor:
        """phi float32[B, L, D]: count x decay of the newest, one a decay of the kernel; 0 for unknown rows."""
        if kernel not in self._phi:
            self._phi[kernel] = self._computed(kernel)
        return self._phi[kernel]

    def _computed(self, kernel: KernelColumns) -> tf.Tensor:
        past = self.past
        known = tf.cast((past.item >= 0) & (past.behavior >= 0), tf.float32)
        count = past.count
        if kernel.counts == "log":
            count = tf.math.log1p(count)
        elif kernel.counts == "one":
            count = tf.ones_like(count)
        phi = tf.stack([self._decayed(decay) for decay in kernel.decays], axis=-1)
        phi = phi * (count * known)[:, :, None]
        if kernel.norm == "sum":
            phi = tf.math.divide_no_nan(phi, tf.reduce_sum(phi, axis=1, keepdims=True))
        elif kernel.norm == "length":
            phi = tf.math.divide_no_nan(phi, tf.norm(phi, axis=1, keepdims=True))
        return phi

    def _decayed(self, decay: Decay) -> tf.Tensor:
        if decay not in self._faded:
            self._faded[decay] = self._fading(decay)
        return self._faded[decay]

    def _fading(self, decay: Decay) -> tf.Tensor:
        past = self.past
        if not decay.half_life:
            return tf.ones_like(past.count)
        if decay.unit == "steps":
            age = past.steps
        else:
            age = past.days
            if decay.unit == "gaps":
                age = age / tf.gather(self._gap, tf.maximum(past.item, 0))
        faded = tf.exp(age * np.float32(-np.log(2.0) / decay.half_life))
        return tf.where(tf.math.is_nan(faded), 0.0, faded)
