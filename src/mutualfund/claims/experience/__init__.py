"""Experience studies: exposure, rates, trend, large claims, persistence and actual against expected."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mutualfund._exports import on_demand

if TYPE_CHECKING:
    from mutualfund.claims.experience.calendar import StudyPeriod as StudyPeriod
    from mutualfund.claims.experience.example import example_study as example_study
    from mutualfund.claims.experience.monthly import Monthly as Monthly
    from mutualfund.claims.experience.study import ExperienceStudy as ExperienceStudy
    from mutualfund.claims.experience.tables import ExperienceTable as ExperienceTable
    from mutualfund.claims.experience.trend import Trend as Trend
    from mutualfund.claims.experience.trend import fit_trend as fit_trend

__all__, __getattr__, __dir__ = on_demand(__name__)
