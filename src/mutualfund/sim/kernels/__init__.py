"""The member-year, compiled: one fund year of every member on every path of a block.

`layout` says what goes in and out and `year.simulate_year` is the way in. Each stage has a file: `people`,
`counts`, `claims`, `sharing`, `sums`, over the look-ups and random words of `vectors`; `packing` makes the
short forms of rules and paths that the stages read, `workspace` the scratch they share. docs/kernel.md shows
it in pictures.

Nothing here is a float: money is int64 minor units, probabilities are thresholds on a power of two, so sums
do not depend on order and threads cannot change a digit. The slow twin in ``tests/reference`` gives the same
integers from the same tables.
"""
