"""Parses and evaluates what stands on standard input with the Python original, and says how long it took.

Input: a JSON object with "cases" (objects with "expr", "ctx", "data") and "pipeline" (an expression).
Output: a JSON object with the nanoseconds of one pass over the cases for "parse" and "evaluate", and of one evaluation
of the pipeline.
"""

import collections.abc  # noqa: F401, the original needs it imported
import json
import sys
import time

from orquesta.expressions.yql import YAQLEvaluator

SECONDS = 2.0


def best(work):
    """The nanoseconds of the fastest of many runs."""
    fastest = None
    deadline = time.monotonic() + SECONDS
    while fastest is None or time.monotonic() < deadline:
        start = time.perf_counter_ns()
        work()
        took = time.perf_counter_ns() - start
        fastest = took if fastest is None else min(fastest, took)
    return fastest


def main():
    engine = YAQLEvaluator._engine
    asked = json.load(sys.stdin)
    texts = [case["expr"] for case in asked["cases"]]
    compiled = []
    for case in asked["cases"]:
        context = YAQLEvaluator.contextualize(case.get("ctx") or {})
        if "data" in case:
            context["$"] = case["data"]
        compiled.append((engine(case["expr"]), context))
    pipeline = engine(asked["pipeline"])

    def parse():
        for text in texts:
            engine(text)

    def evaluate():
        for expression, context in compiled:
            expression.evaluate(context=context.create_child_context())

    def run_pipeline():
        pipeline.evaluate(context=YAQLEvaluator.contextualize({}))

    json.dump(
        {"parse": best(parse), "evaluate": best(evaluate), "pipeline": best(run_pipeline)},
        sys.stdout,
    )


main()
