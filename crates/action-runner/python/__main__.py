"""Starts a warm parent: `python -u FOLDER`, with the control socket as standard input; or a sensor: `python -u FOLDER
sensor PID REF`, with the pipe there.

The first lines must be understood by any Python, so that a too old one can say what is wrong.
"""

import sys

if sys.version_info < (3, 9):
    sys.exit("Python 3.9 or newer is needed, and %s is %s" % (sys.executable, sys.version.split()[0]))

if sys.argv[1:2] == ["sensor"]:
    from petrel_worker.sensor_process import main
else:
    from petrel_worker.parent import main

if __name__ == "__main__":
    main()
