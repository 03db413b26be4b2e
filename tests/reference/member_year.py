"""The slow, readable twin of the compiled member-year: plain Python integers, one claim at a time.

It imports nothing from the library: its own Philox, its own loops, its own reading of what a word means. It
reads only the lowered tables (attribute by attribute) and returns the same exact sums. `branches` counts
which ways were taken, so that a test can insist that every branch was reached.
"""

from bisect import bisect_right
from collections import Counter

LOW = 0xFFFFFFFF
COUNT, CLAIM, STATE, EXIT, ENTRY, SCREEN, FRAILTY = 1, 2, 3, 4, 5, 12, 13


def philox(c0, c1, c2, c3, k0, k1):
    for _ in range(10):
        a, b = 0xD2511F53 * c0, 0xCD9E8D57 * c2
        c0, c1, c2, c3 = (b >> 32) ^ c1 ^ k0, b & LOW, (a >> 32) ^ c3 ^ k1, a & LOW
        k0, k1 = (k0 + 0x9E3779B9) & LOW, (k1 + 0xBB67AE85) & LOW
    return c0, c1, c2, c3


def words(member, path, year, purpose, index, stream):
    return philox(member & LOW, member >> 32, path, year << 20 | purpose << 16 | index, *stream)


def half_up(numerator, bits):
    """numerator / 2^bits, rounded half up, in exact integers."""
    return (2 * numerator + (1 << bits)) // (1 << (bits + 1))


def amount_of(bits36, nodes):
    """Linear between the nodes of the folded table; node positions are 2^(octave-36) (1 + step/32)."""
    half_size = len(nodes) // 2
    upper, position = divmod(bits36, 1 << 35)
    v = 2 * position + 1
    octave = v.bit_length() - 1
    above = v - (1 << octave)  # distance above the octave's start, out of 2^octave
    step, rest = divmod(32 * above, 1 << octave)
    fraction = (rest << 20) >> octave
    k = upper * half_size + 32 * octave + step
    return nodes[k] + half_up((nodes[k + 1] - nodes[k]) * fraction, 20)


def alias(entry, slot, side):
    """Walker's method: a slot's own outcome below its threshold, the other one from it on."""
    threshold, other = divmod(entry, 256)
    return slot if side < threshold else other


class Twin:
    """Holds the tables; `year` runs all members of one path through one fund year."""

    def __init__(self, tables):
        self.t = tables
        self.slots = len(tables["member_key"])
        self.states = len(tables["transition"])
        self.lines = len(tables["line_stream"])
        self.branches = Counter()

    def start(self):
        return [
            {"gone": False, "health": 0, "joined": self.t["joined_month"][s]}
            for s in range(self.slots)
        ]

    def year(self, rules, path, rung, accept, table, scale, lapse_extra, members):
        out = Sums(self.lines, len(lapse_extra), len(rules["layers"]))
        for slot in range(self.slots):
            last_to_join = 0 if rules["full_exposure"] else rules["year"]
            if self.t["join_year"][slot] <= last_to_join and not members[slot]["gone"]:
                drawn = path, rung, accept, table, scale, lapse_extra
                self.member(rules, drawn, members[slot], slot, out)
        return out

    def member(self, rules, drawn, me, slot, out):
        t, year = self.t, rules["year"]
        path, *of_claims, lapse_extra = drawn
        age = min(t["age"][slot] + year - 1, 120)
        plan, age_cell = t["plan"][slot], t["age_cell"][age]
        me["health"] = self.health(year, path, slot, me["health"])
        cell = rules["tariff_cell"][age][plan]
        joining = t["join_year"][slot] == year
        enter, leave, how = 0, 12, "end"
        if rules["moving"]:
            enter, leave, how = self.months(year, path, slot, me["health"], age, lapse_extra[cell])
        if joining:
            self.branches["joins"] += 1
            me["joined"] = 12 * (year - 1) + enter
            out.persons["joined"] += 1
        else:
            out.persons["start"] += 1
            out.start_by_age[age_cell] += leave > 0
        out.persons[how] += 1
        self.branches[how] += 1
        me["gone"] = how != "end"
        out.months += leave - enter
        out.units[cell] += (leave - enter) * t["units"][slot]
        out.age_cells[age_cell][0] += leave - enter
        claims = []
        if leave > enter:
            for line in range(self.lines):
                claims += self.claims(rules, path, *of_claims, me, slot, age, line, enter, leave)
        if rules["ordered"]:
            claims.sort()
        fund = self.share(rules, plan, me["joined"], claims, out)
        if rules["by_age"]:
            out.age_cells[age_cell][1] += fund
        for k, (retention, limit) in enumerate(rules["layers"]):
            out.excess[k] += min(max(fund - retention, 0), limit)
            self.branches["layer used"] += fund > retention

    def health(self, year, path, slot, before):
        t = self.t
        if self.states == 1:
            return 0
        arriving = year == max(t["join_year"][slot], 1)
        if arriving and t["given_state"][slot] >= 0:
            self.branches["state given"] += 1
            return t["given_state"][slot]
        u = words(t["member_key"][slot], path, year, STATE, 0, t["member_stream"][0])[0]
        if arriving:
            joiner = t["join_year"][slot] > 0
            self.branches["state of joiner" if joiner else "state drawn"] += 1
            return bisect_right(t["state_share"][int(joiner)], u)
        self.branches["state step"] += 1
        return bisect_right(t["transition"][before], u)

    def months(self, year, path, slot, health, age, extra):
        t, key = self.t, self.t["member_key"][slot]
        joining = t["join_year"][slot] == year
        enter = 0
        if joining:
            enter = words(key, path, year, ENTRY, 0, t["member_stream"][0])[0] * 12 >> 32
        lapse, death, lapse_time, death_time = words(
            key, path, year, EXIT, 0, t["member_stream"][0]
        )
        base = t["lapse"][health]
        if not joining and base <= lapse < base + extra:
            self.branches["renewal lapse"] += 1
            return 0, 0, "lapsed"
        exits = []
        if lapse < base:
            exits.append((lapse_time * 12 >> 32, 1, "lapsed"))
        if death < t["death"][age][t["sex"][slot]][health]:
            exits.append((death_time * 12 >> 32, 0, "died"))
        kept = [e for e in exits if e[0] >= enter]
        self.branches["exit before entry"] += len(exits) - len(kept)
        if not kept:
            return enter, 12, "end"
        self.branches["two exits"] += len(kept) == 2
        month, _, how = min(kept)
        return enter, month + 1, how

    def count(self, path, year, key, line, row):
        """One 32-bit draw: its first byte from a block of sixteen paths, the rest from a block of its own."""
        stream = self.t["line_stream"][line]
        shared = words(key, path // 16, year, SCREEN, 0, stream)
        first = shared[path % 16 // 4] >> 8 * (path % 4) & 0xFF
        own = words(key, path, year, COUNT, 0, stream)[0] & 0xFFFFFF
        number = bisect_right(row, first << 24 | own)
        self.branches["count left open"] += bisect_right(row, first << 24) != bisect_right(
            row, first << 24 | 0xFFFFFF
        )
        if self.t["screen"][line]:
            self.branches["sparse claim" if number else "no sparse claim"] += 1
        return number

    def claims(self, rules, path, rung, accept, table, scale, me, slot, age, line, enter, leave):
        t, year, stream = self.t, rules["year"], self.t["line_stream"][line]
        key, plan = t["member_key"][slot], t["plan"][slot]
        levels = t["frailty_levels"][line]
        level = 0
        if levels > 1:
            word = words(key, path, year, FRAILTY, 0, t["member_stream"][0])[0]
            level = bisect_right(t["frailty_share"], word)
            self.branches["frailty"] += level > 0
        rate = t["factor_band"][line][age] * 3 + t["sex"][slot]
        rate = (rate * self.states + me["health"]) * levels + level
        rate = rate * t["use_count"][line] + rules["use"][line][plan]
        row = t["count_cdf"][t["rate_row"][line][rung[line]] + rate]
        found = []
        for index in range(self.count(path, year, key, line, row)):
            x0, x1, x2, x3 = words(key, path, year, CLAIM, index, stream)
            month = alias(t["month"][line][x2 >> 28], x2 >> 28, x2 & (1 << 28) - 1)
            if (x0 & (1 << 28) - 1) >= accept[line][month]:
                self.branches["thinned"] += 1
            elif not enter <= month < leave:
                self.branches["outside cover"] += 1
            else:
                delay = alias(t["delay"][line][x3 >> 26], x3 >> 26, x3 >> 12 & (1 << 14) - 1)
                self.branches["latest delay"] += delay == 63
                self.branches["other shape"] += table[line] != line
                amount = amount_of((x1 << 32 | x0) >> 28, rules["severity"][table[line]])
                amount = min(half_up(amount * scale[line], 24), (1 << 33) - 1)
                found.append((month, x3 & 0xFFF, line, delay, amount))
        return found

    def recognised(self, rules, segment, plan, line, month, joined):
        opens, waits, waived_before = rules["opening"][segment][plan][line]
        if rules["waits_served"]:
            return opens < 1 << 40
        now = 12 * (rules["year"] - 1) + month
        if now < opens:
            self.branches["not open"] += 1
            return False
        if joined < waived_before:
            self.branches["waived"] += 1
            return True
        served = now - max(joined, opens) >= waits
        self.branches["wait served" if served else "waiting"] += 1
        return served

    def share(self, rules, plan, joined, claims, out):
        deductible_used = out_of_pocket_used = fund_total = covered_total = 0
        line_used = [0] * self.lines
        for month, _, line, delay, billed in claims:
            row = out.lines[line]
            row["claims"] += 1
            row["billed"] += billed
            segment = rules["segment"][month]
            if not self.recognised(rules, segment, plan, line, month, joined):
                continue
            copay, coinsurance, applies, line_limit, external_share, provider_share = rules[
                "terms"
            ][segment][plan][line]
            deductible, out_of_pocket, plan_limit = rules["limits"][segment][plan]
            external = half_up(billed * external_share, 30)
            own = billed - external
            first = min(own, copay)
            second = min(own - first, max(deductible - deductible_used, 0)) if applies else 0
            member = first + second + half_up((own - first - second) * coinsurance, 30)
            left = max(out_of_pocket - out_of_pocket_used, 0)
            self.branches["out-of-pocket maximum"] += member > left
            member = min(member, left)
            room = max(min(line_limit - line_used[line], plan_limit - covered_total), 0)
            self.branches["limit"] += own - member > room
            covered = min(own - member, room)
            deductible_used += second
            out_of_pocket_used += member
            line_used[line] += covered
            covered_total += covered
            provider = half_up(covered * provider_share, 30)
            fund = covered - provider
            fund_total += fund
            for name, value in (
                ("allowed", billed),
                ("external", external),
                ("member", own - covered),
                ("provider", provider),
                ("fund", fund),
            ):
                row[name] += value
            self.branches["copay"] += first > 0
            self.branches["deductible"] += second > 0
            self.branches["no deductible here"] += not applies
            self.branches["external"] += external > 0
            self.branches["provider"] += provider > 0
            out.triangle[month][delay] += fund
        return fund_total


class Sums:
    """What a path-year adds up to."""

    def __init__(self, n_lines, n_cells, n_layers):
        self.persons = dict.fromkeys(("start", "joined", "lapsed", "died", "end"), 0)
        self.months = 0
        self.units = [0] * n_cells
        self.start_by_age = [0] * 10
        columns = ("claims", "billed", "allowed", "external", "member", "provider", "fund")
        self.lines = [dict.fromkeys(columns, 0) for _ in range(n_lines)]
        self.triangle = [[0] * 64 for _ in range(12)]
        self.excess = [0] * n_layers
        self.age_cells = [[0, 0] for _ in range(10)]

    def as_lists(self):
        """In the order of the kernel's columns."""
        return {
            "persons": list(self.persons.values()),
            "months": self.months,
            "units": self.units,
            "start_by_age": self.start_by_age,
            "lines": [list(row.values()) for row in self.lines],
            "triangle": self.triangle,
            "excess": self.excess,
            "age_cells": self.age_cells,
        }
