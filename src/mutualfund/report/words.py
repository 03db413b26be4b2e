"""Plain words for a board: chances as "1 in N", money rounded to its own error, whole sentences.

Pure functions from numbers to text. Nothing here knows of a run, a chart or HTML, so every wording can be
tested with a number in and a sentence out. A space that must not break across lines is U+00A0.
"""

from __future__ import annotations

import math

NO_BREAK = "\u00a0"
MINUS = "\u2212"

SMALL_NUMBERS = (
    *("no", "one", "two", "three", "four", "five", "six"),
    *("seven", "eight", "nine", "ten", "eleven", "twelve"),
)
CURRENCY_SIGNS = {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥", "INR": "₹"}
SCALES = ((1e12, "trillion"), (1e9, "billion"), (1e6, "million"))
SHORT_SCALES = {"trillion": "tn", "billion": "bn", "million": "m"}

# Below the first, "1 in N" is exact enough for a whole N; above the second, hundredths are too coarse and the
# exceptions are counted instead.
RARE, USUAL = 0.2, 0.99
NOTHING = 1e-12

# With fewer futures than these, "n in 100" would claim more than was seen: the futures are counted.
COUNTED = 200


def count(number: int) -> str:
    """A whole number with its thousands apart.

    >>> count(20_000)
    '20,000'
    """
    return f"{number:,}"


def number_word(number: int) -> str:
    """Small numbers as a word, larger ones in digits.

    >>> number_word(10), number_word(40)
    ('ten', '40')
    """
    return SMALL_NUMBERS[number] if 0 <= number < len(SMALL_NUMBERS) else count(number)


def plural(number: int, noun: str) -> str:
    """A number word and its noun.

    >>> plural(1, "year"), plural(10, "year")
    ('one year', 'ten years')
    """
    return f"{number_word(number)} {noun}{'' if number == 1 else 's'}"


def after_years(years: int) -> str:
    """The end of a run of `years` fund years.

    >>> after_years(1), after_years(10)
    ('after one year', 'after ten years')
    """
    return f"after {plural(years, 'year')}"


def join_words(parts: list[str]) -> str:
    """A list as a sentence has it.

    >>> join_words(["claims", "expenses", "refunds"])
    'claims, expenses and refunds'
    """
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def one_in(
    p: float, lo: float | None = None, hi: float | None = None, *, of: int | None = None
) -> str:
    """A probability as a board says it, with its likely range where `lo` and `hi` are given.

    Parameters
    ----------
    p
        Probability, 0 to 1. Up to 0.2 it reads "1 in N", from there "n in 100", above 0.99 "all but 1 in N";
        0 reads "none" and 1 "all". N has two significant digits.
    lo, hi
        The ends of its interval, 0 to 1, both or neither.
    of
        Number of futures in which it was seen. Below two hundred it reads "n of" them.

    Raises
    ------
    ValueError
        For a probability outside 0 to 1, or not a number.

    >>> one_in(1 / 14)
    '1 in 14'
    >>> one_in(1 / 14, 1 / 15, 1 / 13)
    '1 in 14 (likely 1 in 13 to 1 in 15)'
    >>> one_in(0.0, 0.0, 0.00192)
    'none (likely fewer than 1 in 520)'
    >>> one_in(1 / 3, of=3)
    '1 of 3'
    """
    text = _chance(p, of)
    return text if lo is None or hi is None else f"{text} (likely {likely_range(p, lo, hi)})"


def likely_range(p: float, lo: float, hi: float) -> str:
    """The interval of a probability `p`, in the same manner of speaking as the probability itself.

    >>> likely_range(0.28, 0.26, 0.301)
    '26 to 30 in 100'
    >>> likely_range(0.995, 0.99, 0.998)
    'all but 1 in 100 to 1 in 500'
    >>> likely_range(1.0, 0.991, 1.0)
    'at least 109 in 110'
    >>> likely_range(1.0, 0.44, 1.0)
    '44 to 100 in 100'
    >>> likely_range(0.002, 0.0, 0.004)
    'fewer than 1 in 250'
    """
    for value in (p, lo, hi):
        _check_probability(value)
    if p <= RARE:
        return f"fewer than 1 in {_one_over(hi)}" if lo <= NOTHING else _rare_range(lo, hi)
    if p <= USUAL or lo < 1.0 - RARE:
        low, high = f"{100 * lo:.0f}", f"{100 * hi:.0f}"
        return f"{low} in 100" if low == high else f"{low} to {high} in 100"
    if 1.0 - hi <= NOTHING:
        of = round(_inverse(1.0 - lo))
        return f"at least {count(of - 1)} in {count(of)}"
    return f"all but {_rare_range(1.0 - hi, 1.0 - lo)}"


def _rare_range(lo: float, hi: float) -> str:
    upper = f"1 in {_one_over(hi)}"
    lower = f"1 in {_one_over(lo)}"
    return f"about {upper}" if lower == upper else f"{upper} to {lower}"


def _chance(p: float, of: int | None = None) -> str:
    _check_probability(p)
    if p in (0.0, 1.0):
        return "none" if p == 0.0 else "all"
    if of is not None and of < COUNTED:
        return f"{round(p * of)} of {of}"
    if p <= RARE:
        return f"1 in {_one_over(p)}"
    if p <= USUAL:
        return f"{100 * p:.0f} in 100"
    return f"all but 1 in {_one_over(1.0 - p)}"


def _one_over(p: float) -> str:
    inverse = _inverse(p)
    return count(int(inverse)) if inverse >= 3.0 else f"{inverse:g}"


def _inverse(p: float) -> float:
    """1/p to two significant digits from 100 on, to a half below 3."""
    inverse = 1.0 / max(p, 1e-15)
    if inverse >= 100.0:
        return float(round(inverse, 1 - math.floor(math.log10(inverse))))
    return float(round(inverse)) if inverse >= 3.0 else round(2.0 * inverse) / 2.0


def _check_probability(p: float) -> None:
    if not 0.0 <= p <= 1.0:  # not a number fails too
        raise ValueError(f"a probability lies between 0 and 1; got {p!r}")


def percent(p: float) -> str:
    """A probability or share as a percentage of sensible length.

    >>> [percent(p).replace(NO_BREAK, " ") for p in (0.0714, 0.0, 0.0004, 1.0)]
    ['7.1 %', '0 %', '0.04 %', '100 %']
    """
    digits = 0 if abs(p) >= 0.1 else 1
    text = f"{100 * p:.1g}" if 0.0 < abs(p) < 0.001 else f"{100 * p:.{digits}f}".removesuffix(".0")
    return f"{text}{NO_BREAK}%".replace("-", MINUS)


def money(value: float, error: float = 0.0, currency: str = "EUR", *, digits: int = 3) -> str:
    """An amount with its currency, rounded to the decimal place of its own error.

    Parameters
    ----------
    value
        Currency units.
    error
        Its standard error, currency units, at least 0; 0 where the value is exact.
    currency
        Three letters; a sign is used for the best-known ones.
    digits
        Never more significant digits than these, however small the error.

    >>> money(3_123_456, 23_400).replace(NO_BREAK, " ")
    '€3.12 million'
    >>> money(-412_345, 9_000).replace(NO_BREAK, " ")
    '−€412,000'
    >>> money(87_654, 0, "KES").replace(NO_BREAK, " ")
    'KES 87,700'
    """
    if not (math.isfinite(value) and error >= 0.0):
        raise ValueError("an amount must be finite and its error at least 0")
    step = _step(value, error, currency, digits)
    rounded = round(abs(value) / step) * step
    sign = MINUS if value < 0 and rounded > 0 else ""
    return f"{sign}{currency_sign(currency)}{_figures(rounded, step)}"


def compact(value: float, error: float = 0.0, currency: str = "EUR") -> str:
    """The same amount where a picture has little room.

    >>> compact(3_123_456, 23_400).replace(NO_BREAK, " ")
    '€3.12 m'
    """
    text = money(value, error, currency)
    for _, name in SCALES:
        text = text.replace(name, SHORT_SCALES[name])
    return text


def amount(value: float, currency: str = "EUR") -> str:
    """An exact amount, in full.

    >>> amount(2_400_000), amount(41.5), amount(1500, "JPY")
    ('€2,400,000', '€41.50', '¥1,500')
    """
    whole = float(value).is_integer() or _smallest(currency) >= 1.0
    sign = MINUS if value < 0 else ""
    return f"{sign}{currency_sign(currency)}{abs(value):,.{0 if whole else 2}f}"


def _step(value: float, error: float, currency: str, digits: int) -> float:
    """The decimal place that the last digit shown stands for."""
    by_error = 10.0 ** math.floor(math.log10(error)) if error > 0 else 0.0
    by_digits = 10.0 ** (math.floor(math.log10(abs(value))) - digits + 1) if value else 1.0
    step = max(by_error, by_digits, _smallest(currency))
    return 0.01 if step == 0.1 else step  # nobody writes 41.5 euros with one decimal


def _smallest(currency: str) -> float:
    from mutualfund.schema import minor_units

    return 1.0 / min(minor_units(currency), 100)


def currency_sign(currency: str) -> str:
    """What stands before an amount: the sign of the best-known currencies, else the three letters.

    >>> currency_sign("EUR"), currency_sign("KES").replace(NO_BREAK, " ")
    ('€', 'KES ')
    """
    return CURRENCY_SIGNS.get(currency, f"{currency}{NO_BREAK}")


def _figures(rounded: float, step: float) -> str:
    for scale, name in SCALES:
        if rounded >= scale:
            decimals = max(0, round(math.log10(scale) - math.log10(step)))
            return f"{rounded / scale:,.{decimals}f}{NO_BREAK}{name}"
    return f"{rounded:,.{2 if step < 1.0 and rounded % 1.0 else 0}f}"


def reserve_or_shortfall(value: float, error: float, currency: str) -> str:
    """A reserve in words; a negative one is a shortfall.

    >>> reserve_or_shortfall(3.1e6, 1e4, "EUR").replace(NO_BREAK, " ")
    'a reserve of €3.10 million'
    >>> reserve_or_shortfall(-4e5, 1e4, "EUR")
    'a shortfall of €400,000'
    """
    noun = "a shortfall" if value < 0 else "a reserve"
    return f"{noun} of {money(abs(value), error, currency)}"


def saw(p: float, what: str, of: int | None = None) -> str:
    """Who of the futures saw something: "1 in 14 saw the money run out".

    >>> saw(0.0, "the money run out"), saw(1.0, "a refund"), saw(0.05, "an extra payment")
    ('none saw the money run out', 'all saw a refund', '1 in 20 saw an extra payment')
    """
    return f"{_chance(p, of)} saw {what}"


def chance_sentence(
    n_paths: int, below: float | None, empty: float, *, rescued: bool = False
) -> str:
    """The first sentence of the verdict.

    Parameters
    ----------
    n_paths
        Number of imagined futures.
    below, empty
        Probability, over the whole run, of a reserve below the safety line, and of insolvency. `below` is
        None where the rules name no line.
    rescued
        Whether members were asked for extra payments, which come in before the reserve is looked at.

    >>> chance_sentence(2000, 0.0, 0.0, rescued=True)[27:]
    'none saw the reserve below its safety line after extra payments, or ran out of money.'
    >>> chance_sentence(2000, None, 1 / 14)
    'Of 2,000 imagined futures, 1 in 14 saw the money run out at some point.'
    >>> chance_sentence(2000, 0.0, 0.0)
    'Of 2,000 imagined futures, none ever saw the reserve below its safety line or ran out of money.'
    >>> chance_sentence(3, None, 1 / 3)
    'Of 3 imagined futures, 1 of 3 saw the money run out at some point.'
    """
    start = f"Of {futures(n_paths)}, "
    if below is None and empty == 0.0:
        return f"{start}none ran out of money."
    if below is None:
        return f"{start}{saw(empty, 'the money run out at some point', n_paths)}."
    if below == 0.0 and empty == 0.0 and rescued:
        return f"{start}none saw the reserve below its safety line after extra payments, or ran out of money."
    if below == 0.0 and empty == 0.0:
        return f"{start}none ever saw the reserve below its safety line or ran out of money."
    even = ", even after extra payments" if rescued else ""
    line = saw(below, f"the reserve fall below its safety line at some point{even}", n_paths)
    return f"{start}{line}, and {saw(empty, 'the money run out', n_paths)}."


def futures(number: int) -> str:
    """The imagined futures, counted.

    >>> futures(1), futures(2000)
    ('1 imagined future', '2,000 imagined futures')
    """
    return f"{count(number)} imagined future{'' if number == 1 else 's'}"


def middle_sentence(years: int, value: float, error: float, currency: str) -> str:
    """The second sentence of the verdict: the median reserve at the end.

    >>> middle_sentence(10, 3.12e6, 2.3e4, "EUR").replace(NO_BREAK, " ")
    'The middle outcome after ten years is a reserve of €3.12 million.'
    """
    return f"The middle outcome {after_years(years)} is {reserve_or_shortfall(value, error, currency)}."


def spread_sentence(low: float, high: float, errors: tuple[float, float], currency: str) -> str:
    """The third sentence of the verdict: where nine in ten outcomes end.

    >>> spread_sentence(1.6e6, 5.0e6, (3e4, 6e4), "EUR").replace(NO_BREAK, " ")
    'Nine in ten outcomes end between €1.60 million and €5.00 million.'
    >>> spread_sentence(-4e5, 1e6, (3e4, 6e4), "EUR").replace(NO_BREAK, " ")
    'Nine in ten outcomes end between a shortfall of €400,000 and a reserve of €1.00 million.'
    """
    if low < 0:
        ends = [
            reserve_or_shortfall(v, e, currency) for v, e in zip((low, high), errors, strict=True)
        ]
    else:
        ends = [money(v, e, currency) for v, e in zip((low, high), errors, strict=True)]
    return f"Nine in ten outcomes end between {ends[0]} and {ends[1]}."


def growth(value: float, error: float, currency: str) -> str:
    """What a year does to the fund's money.

    >>> growth(51_000, 700, "EUR"), growth(-51_000, 700, "EUR")
    ('grows by €51,000', 'shrinks by €51,000')
    """
    verb = "shrinks" if value < 0 else "grows"
    return f"{verb} by {money(abs(value), error, currency)}"
