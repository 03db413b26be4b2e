"""Laws that textbooks use and no scenario file needs a word for."""

from __future__ import annotations

from mutualfund.claims.laws_heavy import GeneralisedParetoLaw
from mutualfund.errors import one_number


def uniform(low: float, high: float) -> GeneralisedParetoLaw:
    """Any amount between `low` (>= 0) and `high` (above it), currency, equally likely.

    It is the generalised Pareto of shape -1, and answers a law's questions.

    Raises
    ------
    InputError
        Where the ends are out of range or not in order.

    >>> float(uniform(5, 95).mean), float(uniform(0, 400).sf(100))
    (50.0, 0.75)
    """
    one_number("uniform.low", low, minimum=0.0, maximum=1e300, unit="currency")
    least = float(low) + 1e-12 * max(abs(float(low)), 1e-300)
    one_number("uniform.high", high, minimum=least, maximum=1e300, unit="currency, above `low`")
    return GeneralisedParetoLaw(xi=-1.0, beta=float(high) - float(low), loc=float(low))
