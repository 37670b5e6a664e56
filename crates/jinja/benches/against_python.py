"""Evaluates what stands on standard input with Jinja2, and says how long it took.

Input: a JSON object with "templates" and "expressions", arrays of objects with "text" and "context"; expressions see
their context as Orquesta's do. Output: a JSON object with the nanoseconds of one pass over the templates: "parse" (to
Jinja2's tree), "compile" (to a template that can be rendered) and "render"; and over the expressions: "evaluate".
"""

import json
import sys
import time

import jinja2
from jinja2.sandbox import SandboxedEnvironment
from orquesta.expressions.jinja import JinjaEvaluator

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
    environment = SandboxedEnvironment(
        undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    asked = json.load(sys.stdin)
    texts = [case["text"] for case in asked["templates"]]
    templates = [
        (environment.from_string(case["text"]), case["context"])
        for case in asked["templates"]
    ]
    expressions = [
        (
            JinjaEvaluator._jinja_env.compile_expression(
                case["text"], undefined_to_none=False
            ),
            JinjaEvaluator.contextualize(case["context"]),
        )
        for case in asked["expressions"]
    ]

    def parse():
        for text in texts:
            environment.parse(text)

    def compile_all():
        for text in texts:
            environment.from_string(text)

    def render():
        for template, context in templates:
            template.render(context)

    def evaluate():
        for expression, context in expressions:
            expression(**context)

    json.dump(
        {
            "parse": best(parse),
            "compile": best(compile_all),
            "render": best(render),
            "evaluate": best(evaluate),
        },
        sys.stdout,
    )


main()
