"""Which corrections a cell went through, and how sure they are together."""

from __future__ import annotations

from threading import Lock
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from validahub_pipeline.rulepacks.model import Confidence

_WEAKEST_LAST: Final = (Confidence.LOSSLESS, Confidence.CONFIDENT, Confidence.SUGGEST)


class Paths:
    """Which corrections a cell went through, as small numbers: 0 is none. Shared by batches that are corrected at
    once, and so in the order of who came first; only the names they stand for are ever shown."""

    def __init__(self) -> None:
        self._steps: list[tuple[str, ...]] = [()]
        self._confidences: list[Confidence] = [Confidence.LOSSLESS]
        self._next: dict[tuple[int, str], int] = {}
        self._lock = Lock()

    def extended(self, paths: npt.NDArray[np.int64], code: str, confidence: Confidence) -> npt.NDArray[np.int64]:
        """The paths with one more correction; a correction is named once, where it was first applied."""
        known, where = np.unique(paths, return_inverse=True)
        with self._lock:
            return np.array([self._extend(path, code, confidence) for path in known.tolist()], dtype=np.int64)[where]

    def _extend(self, path: int, code: str, confidence: Confidence) -> int:
        if code in self._steps[path]:
            return path
        if (path, code) not in self._next:
            self._next[path, code] = len(self._steps)
            self._steps.append((*self._steps[path], code))
            self._confidences.append(weakest(self._confidences[path], confidence))
        return self._next[path, code]

    def codes(self, paths: npt.NDArray[np.int64]) -> pl.Series:
        """The codes of each path, in order of application, joined by `+`."""
        return pl.Series(["+".join(steps) for steps in self._steps], dtype=pl.String).gather(paths)

    def confidences(self, paths: npt.NDArray[np.int64]) -> pl.Series:
        """The weakest confidence along each path."""
        return pl.Series([confidence.value for confidence in self._confidences], dtype=pl.String).gather(paths)


def weakest(*confidences: Confidence) -> Confidence:
    """The least sure of several."""
    return max(confidences, key=_WEAKEST_LAST.index)
