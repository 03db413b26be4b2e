"""Up to which rate the exponential moments of an amount exist."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from mutualfund.claims.aggregate.amounts import CoveredLaw, largest_amount
from mutualfund.claims.aggregate.collective import Collective
from mutualfund.claims.laws import GammaLaw, LognormalLaw, NormalLaw, WeibullLaw
from mutualfund.claims.laws_discrete import DiscreteLaw
from mutualfund.claims.laws_heavy import BurrLaw, GeneralisedParetoLaw, InverseGaussianLaw
from mutualfund.claims.laws_spliced import ExceedingLaw, SplicedLaw


def exponential_limit(law: Any) -> float | None:
    """The least upper bound of the a with E[exp(a X)] finite; None for a law of which it is not known.

    Zero where there is no a above zero. An inverse Gaussian's moment exists at its limit too; that one point
    is left out.
    """
    match law:
        case NormalLaw() | DiscreteLaw():
            return math.inf
        case LognormalLaw() | BurrLaw():
            return 0.0
        case GammaLaw():
            return 1.0 / law.theta
        case WeibullLaw():
            return math.inf if law.tau > 1.0 else 1.0 / law.theta if law.tau == 1.0 else 0.0
        case InverseGaussianLaw():
            return law.shape / (2.0 * law.mu**2)
        case GeneralisedParetoLaw():
            return math.inf if law.xi < 0.0 else 1.0 / law.beta if law.xi == 0.0 else 0.0
        case SplicedLaw():
            return exponential_limit(law.tail)
        case ExceedingLaw():
            return exponential_limit(law.law)
        case CoveredLaw():
            own = math.inf if law.limit < math.inf else exponential_limit(law.law)
            return None if own is None else own / law.share
    stated = getattr(law, "exponential_limit", None)
    return None if stated is None else float(stated)


def limit_of_sum(parts: Sequence[Collective]) -> float:
    """The limit of a sum, as far as amounts set it: an amount that says nothing, and has no end, is heavy.

    A count with a tail of its own, such as a negative binomial, may set a lower one.
    """
    return min((_limit(part) for part in parts if part.count.mean > 0.0), default=math.inf)


def _limit(part: Collective) -> float:
    if largest_amount(part.amount) < math.inf:
        return math.inf
    return exponential_limit(part.amount) or 0.0
