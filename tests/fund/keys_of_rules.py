"""Keys of the example file that say what the members have decided, and what each moves."""

from __future__ import annotations

from datetime import date

from fund.keys import (
    CEDED,
    DENTAL,
    EVERYTHING,
    ILLNESS,
    PAYMENTS,
    Key,
    mean,
    of_line,
)

LAYER = {"kind": "excess_of_loss", "retention": 15_000, "limit": 10_000, "premium_loading": 0.3}
STOP = {"kind": "stop_loss", "attachment": 1.15, "limit": 0.25, "premium_loading": 0.5}
PAID_DENTAL = of_line("claims_incurred", DENTAL)
DUE = "contributions_due"
DUES = "rules.contributions"
CONTRIBUTIONS = [
    Key(f"{DUES}.kind", {"kind": "flat", "monthly": 50.0}, mean(DUE), "up", at=DUES, same=PAYMENTS),
    *(
        Key(f"{DUES}.monthly.{band}", 90.0, mean(DUE), "up", same=PAYMENTS)
        for band in ("0-17", "18-39", "40-64", "65+")
    ),
    *(
        Key(
            f"{DUES}.previous_monthly.{band}",
            5.0,
            mean("lapsed", 1),
            "up",
            keen=True,
            same=("joined",),
        )
        for band in ("0-17", "18-39", "40-64", "65+")
    ),
    Key(f"{DUES}.increase_per_year", 0.09, mean(DUE), "up", same=PAYMENTS, same_first=(DUE,)),
    Key(
        f"{DUES}.collection_rate",
        0.7,
        mean("contributions_collected"),
        "down",
        same=PAYMENTS,
        same_first=(DUE,),
    ),
]
BENEFITS = [
    Key("rules.benefits.deductible", 500, mean("claims_incurred"), "down", same=ILLNESS),
    Key("rules.benefits.out_of_pocket_maximum", 400, mean("claims_incurred"), "up", same=ILLNESS),
    Key("rules.benefits.hospital.coinsurance", 0.4, mean("claims_incurred"), "down", same=ILLNESS),
    Key(
        "rules.benefits.hospital.annual_limit", 5_000, mean("claims_incurred"), "down", same=ILLNESS
    ),
    Key("rules.benefits.dental.starts", date(2026, 7, 1), PAID_DENTAL, "up", same=ILLNESS),
    Key("rules.benefits.dental.waiting_months", 0, PAID_DENTAL, "up", same=ILLNESS),
    Key("rules.benefits.dental.copay", 60.0, PAID_DENTAL, "down", same=ILLNESS),
    Key("rules.benefits.dental.deductible_applies", True, PAID_DENTAL, "down", same=ILLNESS),
]
BEFORE_CEDING = (*PAYMENTS, "outstanding_booked")
TREATIES = "rules.reinsurance"
REINSURANCE = [
    Key(
        f"{TREATIES}.0.kind",
        [STOP, STOP],
        mean("reinsurance_recovery"),
        "other",
        at=TREATIES,
        same=BEFORE_CEDING,
    ),
    Key(f"{TREATIES}.0.retention", 5_000, mean("reinsurance_recovery"), "up", same=BEFORE_CEDING),
    Key(f"{TREATIES}.0.limit", 40_000, mean("reinsurance_premium"), "up", same=BEFORE_CEDING),
    Key(
        f"{TREATIES}.0.premium_loading",
        1.0,
        mean("reinsurance_premium"),
        "up",
        same=(*BEFORE_CEDING, "reinsurance_recovery"),
    ),
    Key(
        f"{TREATIES}.1.kind",
        [LAYER, LAYER],
        mean("reinsurance_recovery"),
        "other",
        at=TREATIES,
        same=BEFORE_CEDING,
    ),
    Key(f"{TREATIES}.1.attachment", 0.9, mean("reinsurance_recovery"), "up", same=BEFORE_CEDING),
    Key(f"{TREATIES}.1.limit", 2.0, mean("reinsurance_recovery"), "up", same=BEFORE_CEDING),
    Key(
        f"{TREATIES}.1.premium_loading",
        3.0,
        mean("reinsurance_premium"),
        "up",
        same=(*BEFORE_CEDING, "reinsurance_recovery"),
    ),
]
MONEY = [
    Key("rules.expenses.share_of_contributions", 0.2, mean("expenses"), "up", same=CEDED),
    Key("rules.expenses.per_member", 20.0, mean("expenses"), "up", same=CEDED),
    Key(
        "rules.reserve.booking",
        "bornhuetter_ferguson",
        mean("outstanding_booked"),
        "other",
        same=PAYMENTS,
    ),
    Key("rules.reserve.floor", 0.24, mean("calls"), "up", same=CEDED, same_first=("result",)),
    Key("rules.reserve.target", 0.6, mean("refunds"), "down", same=CEDED, same_first=("result",)),
    Key(
        "rules.surplus.statutory_reserve",
        0.3,
        mean("statutory_reserve"),
        "up",
        same=tuple(name for name in EVERYTHING if name != "statutory_reserve"),
    ),
    Key(
        "rules.surplus.prevention_fund",
        0.3,
        mean("allocations"),
        "up",
        same=CEDED,
        same_first=("result",),
    ),
    Key("rules.surplus.refund", 0.8, mean("refunds"), "up", same=CEDED, same_first=("result",)),
    Key("rules.calls.maximum", 0.02, mean("calls"), "down", same=CEDED, same_first=("result",)),
    Key(
        "rules.calls.collection_rate",
        0.3,
        mean("calls"),
        "down",
        same=CEDED,
        same_first=("result",),
    ),
    Key(
        "rules.governance.data_lag_months", 18, mean(DUE), "down", same=CEDED, same_first=EVERYTHING
    ),
    Key(
        "rules.governance.effect_lag_months",
        18,
        mean(DUE),
        "down",
        same=CEDED,
        same_first=EVERYTHING,
    ),
    Key(
        "rules.governance.maximum_increase",
        0.05,
        mean(DUE),
        "down",
        same=CEDED,
        same_first=EVERYTHING,
    ),
    Key(
        "rules.governance.restore_floor",
        False,
        mean(DUE),
        "down",
        same=CEDED,
        same_first=EVERYTHING,
    ),
]
