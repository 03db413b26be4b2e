"""Our own warnings, kept for the manifest."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from mutualfund.errors import MutualFundWarning


@contextmanager
def noted_warnings(*, repeat: bool = True) -> Iterator[list[str]]:
    """Collect the texts of our own warnings; with `repeat` the caller sees them as warnings too.

    Other libraries' warnings always go on to the caller.

    >>> with noted_warnings(repeat=False) as notes:
    ...     warnings.warn("the table was cut off", MutualFundWarning, stacklevel=1)
    >>> notes
    ['the table was cut off']
    """
    notes: list[str] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield notes
    for warning in caught:
        ours = issubclass(warning.category, MutualFundWarning)
        if ours:
            notes.append(str(warning.message))
        if repeat or not ours:
            place = (warning.filename, warning.lineno)
            warnings.warn_explicit(warning.message, warning.category, *place)
