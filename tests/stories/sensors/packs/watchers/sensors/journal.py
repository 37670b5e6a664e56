"""Where the sensors of this pack write down what they did, so that a story can compare."""

import os


def note(folder, name, line):
    with open(os.path.join(folder, name), "a") as file:
        file.write(f"{line}\n")
        file.flush()
