"""What the page says where the futures are too few: no decision, no middle, no spread."""

from __future__ import annotations

from mutualfund.report.words import count, number_word, plural

# With fewer futures than these, nothing on the page can carry a decision.
TOO_FEW = 100


def too_few_to_decide(n_paths: int) -> str:
    """The warning on top of a page made from too few futures.

    >>> too_few_to_decide(1), too_few_to_decide(50)
    ('Only 1 future: too few to decide anything.', 'Only 50 futures: too few to decide anything.')
    """
    return f"Only {count(n_paths)} future{'' if n_paths == 1 else 's'}: too few to decide anything."


def no_middle_sentence(n_paths: int) -> str:
    """The second sentence of the verdict where the futures are too few for it.

    >>> no_middle_sentence(3)
    'There are not enough futures to say what the middle outcome is: only three.'
    """
    return (
        "There are not enough futures to say what the middle outcome is: only "
        f"{number_word(n_paths)}."
    )


def each_line_is_a_future(n_paths: int) -> str:
    """What the picture of the reserve shows where the futures are too few for a middle.

    >>> each_line_is_a_future(3)
    'There are not enough futures to say where the middle lies; each line is one of the three.'
    """
    which = "the line is the only one" if n_paths == 1 else "each line is one of the "
    number = "" if n_paths == 1 else number_word(n_paths)
    return f"There are not enough futures to say where the middle lies; {which}{number}."


def too_few_sentence(n_paths: int) -> str:
    """The third sentence of the verdict where the futures are too few for it.

    >>> too_few_sentence(100)
    'With only 100 futures it cannot be said between which amounts nine in ten outcomes end.'
    """
    return (
        f"With only {plural(n_paths, 'future')} it cannot be said between which amounts nine in ten "
        "outcomes end."
    )
