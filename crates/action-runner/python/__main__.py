"""Starts a warm parent: `python -u FOLDER`, with the control socket as standard input.

The first lines must be understood by any Python, so that a too old one can say what is wrong.
"""

import sys

if sys.version_info < (3, 9):
    sys.exit("Python 3.9 or newer is needed, and %s is %s" % (sys.executable, sys.version.split()[0]))

from petrel_worker.parent import main

if __name__ == "__main__":
    main()
