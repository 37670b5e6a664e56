import os
import subprocess
import time

from st2common.runners.base_action import Action


class Nap(Action):
    def run(self, folder):
        below = subprocess.Popen(["sleep", "1000"])
        with open(os.path.join(folder, "pids"), "a") as note:
            note.write("%s %s %s\n" % (os.getppid(), os.getpid(), below.pid))
        while not os.path.exists(os.path.join(folder, "gate")):
            time.sleep(0.02)
        below.kill()
        return "rested"
