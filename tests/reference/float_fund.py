"""A third simulation of the members, in floats, written straight from a scenario's definitions.

It shares neither tables nor random numbers with the kernel: NumPy's generator, the distributions' own
quantile functions, one member-year at a time. It must agree with the kernel in law, not in digits.
"""

import numpy as np

SEX = "FMX"


class FloatFund:
    """Simulates one path at a time; `scenario` is read attribute by attribute."""

    def __init__(self, scenario, seed):
        self.s, self.rng = scenario, np.random.default_rng(seed)
        self.lines = [x for x in scenario.assumptions.lines if x.level == "member"]
        self.states = scenario.assumptions.health_states
        self.c = {line.name: 1.0 / self.opening_average(line) for line in self.lines}

    # -- rates ----------------------------------------------------------------------------------------

    def age_factor(self, line, age):
        for band, factor in (line.age_factors or {"0+": 1.0}).items():
            low, _, high = band.replace("+", "-200").partition("-")
            if int(low) <= age <= int(high):
                return factor
        raise AssertionError(age)

    def relativity(self, line, state):
        return 1.0 if self.states is None else self.states.relativity_of(line.name)[state]

    def factor(self, line, age, sex, state):
        by_sex = (line.sex_factors or {}).get(SEX[sex], 1.0)
        return self.age_factor(line, age) * by_sex * self.relativity(line, state)

    def opening_average(self, line):
        portfolio, share = self.s.portfolio, [1.0] if self.states is None else self.states.share
        return np.mean(
            [
                sum(p * self.factor(line, age, sex, state) for state, p in enumerate(share))
                for age, sex in zip(portfolio.age, portfolio.sex, strict=True)
            ]
        )

    # -- one path -------------------------------------------------------------------------------------

    def path(self):
        """Each year: persons (start, joined, lapsed, died, end), months; by line allowed, fund, paid."""
        portfolio, rng = self.s.portfolio, self.rng
        members = [
            {"age": age, "sex": sex, "state": None, "joined": -10_000}
            for age, sex in zip(portfolio.age.tolist(), portfolio.sex.tolist(), strict=True)
        ]
        struck = {
            s.name: [rng.random() < s.probability_per_year for _ in range(30)]
            for s in self.s.assumptions.shocks
        }
        return [self.year(y, members, struck) for y in range(1, self.s.settings.years + 1)]

    def year(self, y, members, struck):
        rng, out = (
            self.rng,
            {"persons": np.zeros(5), "months": 0.0, "lines": np.zeros((len(self.lines), 3))},
        )
        out["persons"][0] = len(members)
        newcomers = int(np.floor(self.s.members.joins_per_year * len(self.s.portfolio) + 0.5))
        for _ in range(newcomers):
            k = rng.integers(len(self.s.portfolio))
            age = int(self.s.portfolio.age[k]) - (y - 1)
            members.append(
                {"age": age, "sex": int(self.s.portfolio.sex[k]), "state": None, "joined": y}
            )
        out["persons"][1] = newcomers
        stay = [m for m in members if self.member(y, m, struck, out)]
        members[:] = stay
        out["persons"][4] = len(members)
        return out

    def member(self, y, m, struck, out):
        rng, s = self.rng, self.s
        age = m["age"] + y - 1
        if self.states is not None:
            chance = self.states.share if m["state"] is None else self.states.transition[m["state"]]
            m["state"] = int(rng.choice(len(chance), p=np.array(chance) / np.sum(chance)))
        state = m["state"] or 0
        enter = int(rng.integers(12)) if m["joined"] == y else 0
        if m["joined"] == y:
            m["joined_month"] = 12 * (y - 1) + enter
        q = s.mortality.rates[min(age, 120), m["sex"]]
        lapse = self.exit_month(s.members.lapse_per_year, enter)
        death = self.exit_month(q, enter)
        how = 4 if min(lapse, death) == 99 else 3 if death <= lapse else 2
        leave = min(12, min(lapse, death) + 1)
        out["months"] += leave - enter
        claims = []
        for i, line in enumerate(self.lines):
            claims += self.claims(y, i, line, age, m["sex"], state, struck, enter, leave)
        claims.sort()
        self.share(y, m, claims, out)
        if how != 4:
            out["persons"][how] += 1
        return how == 4

    def exit_month(self, chance, enter):
        """The month after which the member is gone, or 99."""
        month = int(self.rng.integers(12))
        return month if self.rng.random() < chance and month >= enter else 99

    def claims(self, y, i, line, age, sex, state, struck, enter, leave):
        rng, f = self.rng, line.frequency
        rate = f.mean * self.c[line.name] * self.factor(line, age, sex, state)
        if f.kind == "negative_binomial":
            rate *= rng.gamma(f.dispersion) / f.dispersion
        weights = np.ones(12) if line.seasonality is None else np.array(line.seasonality)
        start = self.s.fund.start.month
        monthly = np.array([weights[(start - 1 + m) % 12] for m in range(12)]) / weights.sum()
        found = []
        for month in range(enter, leave):
            factor = 1.0
            for shock in self.s.assumptions.shocks:
                factor *= self.shock_factor(shock, struck[shock.name], line.name, y, month)
            for _ in range(rng.poisson(rate * monthly[month] * factor)):
                amount = float(line.severity.quantile(np.array([rng.random()]))[0])
                amount *= (1.0 + line.trend_per_year) ** (y - 1)
                delay = rng.geometric(1.0 / (1.0 + line.lag_months)) - 1
                found.append((month + rng.random(), i, amount, delay))
        return found

    def shock_factor(self, shock, struck, line, y, month):
        first = (shock.months[0] - self.s.fund.start.month) % 12
        for calendar in shock.months:
            offset = first + (calendar - shock.months[0]) % 12
            drawn = y if offset < 12 else y - 1
            if offset % 12 == month and struck[drawn]:
                return shock.frequency_factor.get(line, 1.0)
        return 1.0

    def share(self, y, m, claims, out):
        benefits = self.s.rules.benefits
        used, pocket, by_line = 0.0, 0.0, [0.0] * len(self.lines)
        infinite = float("inf")
        for moment, i, amount, delay in claims:
            term = benefits.line(self.lines[i].name)
            now = 12 * (y - 1) + int(moment)
            opens = -10_000 if term.starts is None else self.months_to(term.starts)
            if (
                now < opens
                or now < max(m.get("joined_month", -10_000), opens) + term.waiting_months
            ):
                continue
            out["lines"][i, 0] += amount
            copay = min(amount, term.copay)
            deductible = 0.0
            if term.deductible_applies:
                deductible = min(amount - copay, max(benefits.deductible - used, 0.0))
            pay = copay + deductible + (amount - copay - deductible) * term.coinsurance
            pay = min(pay, (benefits.out_of_pocket_maximum or infinite) - pocket)
            covered = min(amount - pay, (term.annual_limit or infinite) - by_line[i])
            used, pocket = used + deductible, pocket + pay
            by_line[i] += covered
            out["lines"][i, 1] += covered
            out["lines"][i, 2] += covered if int(moment) + delay < 12 else 0.0

    def months_to(self, day):
        start = self.s.fund.start
        return 12 * (day.year - start.year) + day.month - start.month
