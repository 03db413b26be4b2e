"""Where a rule is stated that one looks for among the keys and kinds of contributions."""

from __future__ import annotations

from typing import Any, get_args

from mutualfund.inputs.schema import ELSEWHERE
from mutualfund.premiums.contributions.adjustments import AdjustmentSpec
from mutualfund.premiums.contributions.entry_age import LIFETIME_HEALTH_COVER

_ADJUSTMENT = "under [[rules.contributions.adjustments]]"
_KINDS = [kind.model_fields["kind"].default for kind in get_args(get_args(AdjustmentSpec)[0])]

STATED_ELSEWHERE: dict[str, Any] = {
    ELSEWHERE: {kind: f'Write kind = "{kind}" {_ADJUSTMENT}.' for kind in _KINDS}
    | {
        "lifetime_health_cover": f"{LIFETIME_HEALTH_COVER} It goes {_ADJUSTMENT}.",
        "entry_fee": "Write entry_fee under [rules.joining].",
        "joining": "Write [rules.joining], beside [rules.contributions].",
        "arrears": "Write [rules.arrears], beside [rules.contributions].",
        "subsidy": "Write [[rules.subsidies]], beside [rules.contributions].",
        "subsidies": "Write [[rules.subsidies]], beside [rules.contributions].",
    }
}
