"""Conducts what stands on standard input with the Python original, and says how long it took.

Input: a JSON list of objects with "definition" (YAML), "inputs" and "tasks" (how many tasks and items it runs).
Output: a JSON list of nanoseconds, one for each. Everything that is offered is run and succeeds, first come first served.
The state stays in memory.
"""

import collections
import collections.abc
import fractions
import inspect
import json
import logging
import math
import sys
import time

# The original was written for older Pythons.
fractions.gcd = getattr(fractions, "gcd", math.gcd)
for name in collections.abc.__all__:
    setattr(collections, name, getattr(collections.abc, name))
inspect.getargspec = getattr(inspect, "getargspec", inspect.getfullargspec)

from orquesta.utils import parameters  # noqa: E402

for word in ("true", "false"):
    parameters.REGEX_INLINE_PARAMS = parameters.REGEX_INLINE_PARAMS.replace(f"(?i){word}", f"(?i:{word})")

import yaml  # noqa: E402
from orquesta import conducting, events, statuses  # noqa: E402
from orquesta.specs.native.v1 import models  # noqa: E402

logging.disable(logging.CRITICAL)


def report(conductor, task, status, item=None, results=None):
    if item is None:
        event = events.ActionExecutionEvent(status, result=1)
    else:
        event = events.TaskItemActionExecutionEvent(item, status, result=1, accumulated_result=results)
    conductor.update_task_state(task["id"], task["route"], event)


def conduct(case):
    conductor = conducting.WorkflowConductor(
        models.instantiate(yaml.safe_load(case["definition"])), inputs=case["inputs"]
    )
    conductor.request_workflow_status(statuses.RUNNING)
    waiting = collections.deque()
    while True:
        for task in conductor.get_next_tasks():
            for action in task["actions"]:
                item = action.get("item_id")
                results = [1] * task.get("items_count", 0)
                report(conductor, task, statuses.RUNNING, item, results)
                waiting.append((task, item, results))
        if not waiting:
            break
        task, item, results = waiting.popleft()
        report(conductor, task, statuses.SUCCEEDED, item, results)
    conductor.render_workflow_output()
    if conductor.get_workflow_status() != statuses.SUCCEEDED:
        raise SystemExit(f"it ended as {conductor.get_workflow_status()}: {conductor.errors}")


def main():
    times = []
    for case in json.load(sys.stdin):
        start = time.perf_counter_ns()
        conduct(case)
        times.append(time.perf_counter_ns() - start)
    json.dump(times, sys.stdout)


main()
