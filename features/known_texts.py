"""Known texts: whose identifier a text is, looked up by its hash and compared letter by letter."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.kernels.lookup import places_in, slots_of


class KnownTexts:
    """Texts with the citizen of each.

    Parameters
    ----------
    texts, citizens
        Beside each other, without nulls; the texts are distinct.
    """

    def __init__(self, texts: pl.Series, citizens: pl.Series) -> None:
        self._texts = texts
        self._citizens = citizens
        self._held = hashes(texts)
        self._slots = slots_of(self._held, 1 << (2 * len(texts) + 1).bit_length())

    def __len__(self) -> int:
        return len(self._texts)

    def with_new(self, others: KnownTexts) -> KnownTexts:
        """These and ``others``, in which none of these is."""
        return KnownTexts(
            pl.concat([self._texts, others._texts], rechunk=True),
            pl.concat([self._citizens, others._citizens], rechunk=True),
        )

    def citizens_of(self, asked: pl.Series) -> pl.Series:
        """The citizens (Int64) of texts; null where one is not known. Of two texts with one hash
        the later is never known."""
        place = pl.Series(places_in(self._slots, self._held, hashes(asked)))
        place = place.set(place < 0, None)
        same = self._texts.gather(place) == asked
        found = self._citizens.gather(place)
        return found if same.all(ignore_nulls=True) else found.set(~same.fill_null(False), None)


def hashes(texts: pl.Series) -> NDArray[np.uint64]:
    """A number for each text; different texts rarely share one."""
    return texts.hash().to_numpy()
