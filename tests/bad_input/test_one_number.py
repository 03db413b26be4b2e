"""Several numbers where one is meant are refused by name, wherever only the first would be looked at."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mutualfund.claims import AnnualPlan, fit_excess, fit_severity
from mutualfund.claims.experience import example_study
from mutualfund.claims.reserving import CompletionFactors, ConstantTail
from mutualfund.errors import InputError
from mutualfund.premiums import premium_build_up

SEVERAL: Any = [2.0, 3.0]
MEANT: dict[str, Callable[[], object]] = {
    "at": lambda: example_study().pooled(SEVERAL),
    "prior_pmpm": lambda: CompletionFactors(prior_months=1, prior_pmpm=SEVERAL),
    "prior_cv": lambda: CompletionFactors(prior_cv=SEVERAL),
    "tail": lambda: ConstantTail(SEVERAL),
    "plan.deductible": lambda: AnnualPlan(deductible=SEVERAL),
    "above": lambda: fit_excess([1.0, 2.0, 3.0], above=SEVERAL),
    "level": lambda: fit_severity("exponential", [1.0, 2.0]).interval("mean", SEVERAL),
    "pure_premium": lambda: premium_build_up(SEVERAL, [], currency="EUR"),
}


@pytest.mark.parametrize("field", MEANT)
def test_several_numbers_are_no_number(field: str) -> None:
    with pytest.raises(InputError, match=f"^{field}: got 2 numbers; allowed: one number"):
        MEANT[field]()
