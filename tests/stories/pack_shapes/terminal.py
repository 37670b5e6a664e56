"""Runs a command in a terminal of its own and plays the person at it.

    terminal.py '[["what is asked", "what is answered"], ...]' COMMAND ...

Each answer is typed once its question is seen. What the terminal showed is printed; the exit code is the command's.
"""

import json
import os
import pty
import select
import sys
import time

PATIENCE = 60


def main():
    dialogue, command = json.loads(sys.argv[1]), sys.argv[2:]
    child, terminal = pty.fork()
    if child == 0:
        os.execvp(command[0], command)
    shown, at, deadline = "", 0, time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if dialogue and dialogue[0][0] in shown[at:]:
            at = len(shown)
            os.write(terminal, dialogue.pop(0)[1].encode() + b"\r")
        if not select.select([terminal], [], [], 0.2)[0]:
            continue
        try:
            read = os.read(terminal, 4096)
        except OSError:
            break
        if not read:
            break
        if b"\x1b[6n" in read:  # where is the cursor?
            os.write(terminal, b"\x1b[1;1R")
        shown += read.decode("utf-8", "replace")
    else:
        os.kill(child, 9)
        shown += f"\nnothing more came; to be answered were {dialogue}"
    print(shown)
    sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))


if __name__ == "__main__":
    main()
