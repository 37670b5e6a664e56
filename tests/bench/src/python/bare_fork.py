"""What a runner of Python actions is measured against: a warm interpreter that forks, loads an action from its file
and runs it, and reads what it gives back from a pipe. One turn for each line that it reads; prints its time, seconds.

    python3 bare_fork.py ACTION_FILE WORKER_FOLDER
"""

import gc
import importlib.util
import json
import os
import sys
import time


def run(file):
    spec = importlib.util.spec_from_file_location("echo", file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.Echo(config={}).run(text="hello")


def turn(file):
    start = time.perf_counter()
    near, far = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.write(far, json.dumps({"result": run(file)}).encode())
        os._exit(0)
    os.close(far)
    answer = b""
    while True:
        piece = os.read(near, 65536)
        if not piece:
            break
        answer += piece
    os.waitpid(pid, 0)
    os.close(near)
    assert json.loads(answer)["result"]["text"] == "hello"
    return time.perf_counter() - start


def main():
    file, worker = sys.argv[1:]
    sys.path.append(worker)
    # Everything that the action imports is loaded before the first fork.
    run(file)
    gc.freeze()
    for _ in sys.stdin:
        print(turn(file), flush=True)


main()
