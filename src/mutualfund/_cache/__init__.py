"""Compiled code kept on disk between runs, in a folder named by a digest of all that it is made of.

`digest` says what the code is made of, `place` where it is kept and whether that place can be trusted,
`entries` how a file of it is written, read and thrown away, `kept` is what numba asks, `state` what a user is
told. A cache that is missing, damaged or unwritable costs the time of compiling, and nothing else.
"""
