#!/usr/bin/env python3
"""Prints the load average divided by the number of processors.

usage: check_loadavg.py [1|5|15|all]
"""

import json
import os
import sys

PERIODS = ("1", "5", "15")
WORDS = {"one": "1", "five": "5", "fifteen": "15"}


def main():
    wanted = sys.argv[1] if len(sys.argv) > 1 else "all"
    wanted = WORDS.get(wanted, wanted)
    try:
        loads = os.getloadavg()
    except OSError as error:
        sys.exit(f"the load average cannot be read: {error}")
    processors = os.cpu_count() or 1
    output = {period: str(load / processors) for period, load in zip(PERIODS, loads)}
    print(output[wanted] if wanted in output else json.dumps(output))


main()
