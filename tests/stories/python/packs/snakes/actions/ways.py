import os
import subprocess
import sys
import time

from lib.words import shout
from st2common.runners.base_action import Action


class Thing(object):
    def __str__(self):
        return "a thing"


class Ways(Action):
    def __init__(self, config=None):
        super(Ways, self).__init__(config=config)
        self.region = config["region"]

    def run(self, how, password=None, note=None):
        self.note = note
        return getattr(self, how)(password)

    def ok(self, _password):
        self.logger.info("going well")
        return {"said": shout("hello"), "region": self.region}

    def refused(self, _password):
        return (False, {"reason": "told to"})

    def boom(self, _password):
        raise ValueError("boom")

    def noise(self, _password):
        print('{"result": "not this"}')
        sys.stdout.flush()
        os.write(1, b"raw ")
        subprocess.check_call(["echo", "from below"])
        return [1, 2]

    def thing(self, _password):
        return (True, Thing())

    def leave(self, _password):
        sys.exit(4)

    def token(self, _password):
        return {"token": len(self.config["token"]), "token_is_open": self.config["token"] == "open sesame"}

    def missing(self, _password):
        return self.config["colour"]

    def environment(self, _password):
        names = ("ST2_ACTION_PACK_NAME", "ST2_ACTION_EXECUTION_ID", "COLOUR")
        return {name: os.environ.get(name) for name in names}

    def sleep(self, _password):
        below = subprocess.Popen(["sleep", "1000"])
        pids = "%s %s" % (os.getpid(), below.pid)
        print(pids)
        if self.note:
            with open(self.note + ".new", "w") as note:
                note.write(pids)
            os.rename(self.note + ".new", self.note)
        time.sleep(1000)

    def secret(self, password):
        print("it is " + password)
        return None

    def process(self, _password):
        return os.getppid()
