"""Who belongs to the fund: members' files and frames become frozen columns, or a list of every fault."""

from mutualfund.portfolio.members import LONG_STANDING as LONG_STANDING
from mutualfund.portfolio.members import Portfolio as Portfolio
from mutualfund.portfolio.quality import Quality as Quality
