#!/usr/bin/env python3
"""Prints the processes that match, as a JSON object from id to command line.

usage: check_processes.py state|name|pid CRITERIA [pidlist]
"""

import json
import os
import re
import sys


def processes():
    """Gives (id, state, command line) of every process but this one."""
    for pid in filter(str.isdigit, os.listdir("/proc")):
        if int(pid) == os.getpid():
            continue
        try:
            with open(f"/proc/{pid}/stat", errors="replace") as file:
                # The command stands in parentheses and may hold spaces; the state follows the last one.
                state = file.read().rpartition(")")[2].split()[0]
            with open(f"/proc/{pid}/cmdline", errors="replace") as file:
                command = file.read().replace("\0", " ").strip()
        except (OSError, IndexError):
            continue  # it ended while we looked
        yield pid, state, command


def main():
    if len(sys.argv) < 3:
        sys.exit("usage: check_processes.py state|name|pid CRITERIA [pidlist]")
    search, criteria = sys.argv[1:3]
    matches = {
        "state": lambda pid, state, command: state == criteria,
        "name": lambda pid, state, command: re.search(criteria, command),
        "pid": lambda pid, state, command: pid == criteria,
    }
    if search not in matches:
        sys.exit(f"cannot search by {search!r}; use one of {', '.join(matches)}")
    found = {process[0]: process[2] for process in processes() if matches[search](*process)}
    if "pidlist" in sys.argv[3:]:
        sys.stderr.write(" ".join(found))
    print(json.dumps(found))


main()
