"""Credibility: how much a group's own experience says about what it should pay.

Six models, one shape of result (`CredibilityFit`):

* `limited_fluctuation`: experience counts in full from a number of claims on, and in part before;
* `buhlmann`, `buhlmann_straub`: the best linear mean of own and collective experience;
* `hierarchical`: groups within sectors (Jewell);
* `hachemeister`: a trend for each group;
* `gamma_poisson`: claim rates by Bayes' rule.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mutualfund._exports import on_demand

if TYPE_CHECKING:
    from mutualfund.premiums.credibility.buhlmann import buhlmann as buhlmann
    from mutualfund.premiums.credibility.buhlmann import buhlmann_straub as buhlmann_straub
    from mutualfund.premiums.credibility.gamma_poisson import gamma_poisson as gamma_poisson
    from mutualfund.premiums.credibility.hierarchical import hierarchical as hierarchical
    from mutualfund.premiums.credibility.limited_fluctuation import (
        FullCredibilityStandard as FullCredibilityStandard,
    )
    from mutualfund.premiums.credibility.limited_fluctuation import (
        limited_fluctuation as limited_fluctuation,
    )
    from mutualfund.premiums.credibility.regression import hachemeister as hachemeister
    from mutualfund.premiums.credibility.result import CredibilityFit as CredibilityFit

__all__, __getattr__, __dir__ = on_demand(__name__)
