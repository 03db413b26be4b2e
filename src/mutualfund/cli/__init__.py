"""The command line: a thin face over the library.

Each command says what is wrong in one breath and without a traceback, and ends with one of four exit codes:
0 done, 2 bad input, 3 a limit of the board breached, 4 interrupted. What a program may want to read goes to
standard output; progress, notes and complaints go to standard error.
"""

from __future__ import annotations

from mutualfund.cli.app import app as app
from mutualfund.cli.app import main as main
