"""Masks of tokens, one bit each as llguidance fills them, and logits under such masks."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np

_FEW = 256  # words of a mask with any bits set
# What is added to eight logits for each value of a mask's byte: nothing, or minus infinity.
_PENALTIES = np.where(np.arange(256)[:, None] >> np.arange(8) & 1, 0, -np.inf).astype(np.float32)

Bits = np.ndarray[Any, np.dtype[np.int32]]
Logits = np.ndarray[Any, np.dtype[np.float32]]


def only_one(bits: Bits) -> bool:
    """Whether a single bit is set."""
    if np.count_nonzero(bits) != 1:
        return False
    return int(bits[bits.argmax()] or bits[bits.argmin()]).bit_count() == 1  # one may be negative


def allow(bits: Bits, tokens: list[int]) -> None:
    """Sets the bits of these tokens alone."""
    bits[:] = 0
    for token in tokens:
        bits.view(np.uint32)[token // 32] |= np.uint32(1 << token % 32)


def bar(bits: Bits, tokens: list[int]) -> None:
    """Clears the bits of these tokens."""
    for token in tokens:
        bits.view(np.uint32)[token // 32] &= ~np.uint32(1 << token % 32)


def is_allowed(bits: Bits, token: int) -> bool:
    return bool(bits.view(np.uint32)[token // 32] & np.uint32(1 << token % 32))


def unpacked(bits: Bits) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """The bits of a mask, one byte each."""
    return np.unpackbits(bits.view(np.uint8), bitorder="little")


class LogitsMask(threading.local):
    """Masked logits, in memory of the thread's that is used again: to allocate as much for each
    token would take longer than all the rest."""

    def __init__(self) -> None:
        self.masked: Logits = np.empty((0, 0), np.float32)
        self.penalties: Logits = np.empty((0, 8), np.float32)
        self.penalised: Bits = np.empty(0, np.int32)  # the mask that the penalties are of
        self.written: list[Any] = []  # for each row, where it is not minus infinity

    def applied(self, logits: Logits, mask: Bits) -> Logits:
        """The logits with minus infinity for every token whose bit is not set, and for those
        beyond the bits, which a model has whose vocabulary is padded. Good until the next call."""
        if self.masked.shape != logits.shape or len(self.penalties) != mask.shape[1] * 4:
            self.masked = np.full(logits.shape, -np.inf, np.float32)
            self.penalties = np.empty((mask.shape[1] * 4, 8), np.float32)
            self.penalised = np.empty(0, np.int32)
            self.written = [slice(0)] * len(logits)
        for row, bits in enumerate(mask):
            self._row(row, logits[row], bits)
        return self.masked

    def _row(self, row: int, logits: Logits, bits: Bits) -> None:
        masked = self.masked[row]
        masked[self.written[row]] = -np.inf
        words = np.flatnonzero(bits)
        if len(words) <= _FEW:
            rows, columns = np.nonzero(unpacked(bits[words]).reshape(-1, 32))
            allowed = words[rows] * 32 + columns
            allowed = allowed[allowed < len(masked)]
            masked[allowed] = logits[allowed]
            self.written[row] = allowed
            return
        if not np.array_equal(bits, self.penalised):  # inside a text the mask is often the same
            np.take(_PENALTIES, bits.view(np.uint8), axis=0, out=self.penalties, mode="clip")
            self.penalised = bits.copy()
        known = min(self.penalties.size, masked.size)
        np.add(logits[:known], self.penalties.reshape(-1)[:known], out=masked[:known])
        self.written[row] = slice(known)
