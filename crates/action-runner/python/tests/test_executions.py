"""Executions as forks of a warm parent."""

from __future__ import annotations

import os
import resource
import signal
import time
from pathlib import Path

import pytest

from conftest import PATIENCE, Parent

ACTION = "from st2common.runners.base_action import Action\n"


def action(body: str, parameters: str = "self") -> str:
    return f"{ACTION}class Act(Action):\n    def run({parameters}):\n        {body}\n"


def is_gone(pid: int) -> bool:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2]
        except OSError:
            return True
        if state.startswith("Z"):
            return True
    return False


def test_gives_back_result_and_output(parent: Parent) -> None:
    ended = parent.run(action("print(a); return {'sum': a + b}", "self, a, b"), parameters={"a": 1, "b": 2})

    assert ended.answer == {"status": None, "result": {"sum": 3}}
    assert (ended.code, ended.stdout, ended.stderr) == (0, "1\n", "")


def test_gives_back_a_status(parent: Parent) -> None:
    ended = parent.run(action("return (False, [1])"))

    assert ended.answer == {"status": False, "result": [1]}
    assert ended.code == 0


def test_refuses_a_pair_without_a_status(parent: Parent) -> None:
    ended = parent.run(action("return ('a', 'b')"))

    assert (ended.code, ended.answer) == (220, None)
    assert "must either be True or False, got: a" in ended.stderr


def test_shows_the_traceback_of_the_action_alone(parent: Parent) -> None:
    ended = parent.run(action("raise ValueError('boom')"))

    assert (ended.code, ended.answer) == (1, None)
    file = parent.pack / "actions/act.py"
    assert ended.stderr.startswith(f'Traceback (most recent call last):\n  File "{file}", line 4, in run\n')
    assert ended.stderr.endswith("ValueError: boom\n")
    assert "petrel_worker" not in ended.stderr


def test_says_which_parameter_is_wrong(parent: Parent) -> None:
    ended = parent.run(action("return 1"), parameters={"colour": 1})

    assert ended.code == 1
    assert ended.stderr.count("unexpected keyword argument 'colour'") == 1


@pytest.mark.parametrize(("argument", "code"), [("", 0), ("3", 3), ("'bye'", 1), ("-1", 255)])
def test_exits_as_it_says(parent: Parent, argument: str, code: int) -> None:
    ended = parent.run(action(f"import sys; sys.exit({argument})"))

    assert (ended.code, ended.answer) == (code, None)
    assert ended.stderr == ("bye\n" if argument == "'bye'" else "")


def test_a_module_that_cannot_be_imported_is_told_once_and_harms_nobody(parent: Parent) -> None:
    broken = parent.run("import no_such_module\n" + action("return 1"), name="actions/broken.py")
    syntax = parent.run("class Act(:\n", name="actions/syntax.py")
    fine = parent.run(action("return 1"))

    assert broken.stderr.count("No module named 'no_such_module'") == 1
    assert broken.stderr.startswith('The action\'s file "') and "broken.py" in broken.stderr
    assert "If `no_such_module` is a library, the pack's requirements.txt must ask for it" in broken.stderr
    assert "SyntaxError" in syntax.stderr and "syntax.py" in syntax.stderr
    assert (broken.code, syntax.code, fine.code) == (1, 1, 0)


def test_notices_that_files_have_changed(parent: Parent) -> None:
    parent.write("actions/lib/part.py", "VALUE = 1\n")
    source = "from lib.part import VALUE\n" + action("return VALUE")
    assert parent.run(source).answer == {"status": None, "result": 1}

    parent.write("actions/lib/part.py", "VALUE = 2\n")
    assert parent.run(source).answer == {"status": None, "result": 2}
    assert parent.run(action("return 'abc'")).answer == {"status": None, "result": "abc"}
    assert parent.run(action("return 'xyz'")).answer == {"status": None, "result": "xyz"}


def test_finds_libraries_of_the_pack_in_st2s_order(parent: Parent) -> None:
    parent.write("actions/lib/__init__.py", "")
    parent.write("actions/lib/first.py", "import second\nVALUE = second.VALUE\n")
    parent.write("actions/lib/second.py", "VALUE = 'actions/lib'\n")
    parent.write("lib/common.py", "VALUE = 'lib'\n")
    parent.write("actions/deep/sibling.py", "VALUE = 'sibling'\n")
    source = "from lib.first import VALUE as a\nimport common, sibling\n"
    parent.write("actions/deep/lib/__init__.py", "")
    parent.write("actions/deep/lib/first.py", "from second import VALUE\n")

    ended = parent.run(
        source + action("return [a, common.VALUE, sibling.VALUE]"), name="actions/deep/act.py"
    )

    assert ended.answer == {"status": None, "result": ["actions/lib", "lib", "sibling"]}, ended.stderr


def test_does_not_take_the_place_of_a_module_of_the_same_name(parent: Parent) -> None:
    ended = parent.run("import uuid\n" + action("return len(str(uuid.uuid4()))"), name="actions/uuid.py")

    assert ended.answer == {"status": None, "result": 36}, ended.stderr


def test_print_cannot_spoil_the_result(parent: Parent) -> None:
    body = "import os; print('{\"result\": 1}'); os.write(1, b'raw'); os.system('echo sub'); return 'mine'"

    ended = parent.run(action(body))

    assert ended.stdout == '{"result": 1}\nrawsub\n'
    assert ended.answer == {"status": None, "result": "mine"}


def test_hands_over_environment_and_configuration(parent: Parent) -> None:
    body = "import os; return [os.environ['COLOUR'], self.config['key'], self.config.get('none')]"

    ended = parent.run(action(body), environment={"COLOUR": "red"}, config={"key": "secret"})

    assert ended.answer == {"status": None, "result": ["red", "secret", None]}
    assert parent.run(action("import os; return os.environ.get('COLOUR')")).answer == {
        "status": None,
        "result": None,
    }


def test_names_pack_and_key_of_a_missing_configuration(parent: Parent) -> None:
    ended = parent.run(action("return self.config['key']"))

    assert 'Config for pack "p" is missing key "key"' in ended.stderr


def test_says_which_parameters_it_takes(parent: Parent) -> None:
    ended = parent.run(action("return 1", "self, host, port=22"), parameters={"hots": "a"})

    assert "got an unexpected keyword argument 'hots'" in ended.stderr
    assert "it takes: host, port=22." in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_type_error_of_its_own_keeps_its_traceback(parent: Parent) -> None:
    ended = parent.run(action("return len(1)"))

    assert "Traceback" in ended.stderr
    assert "it takes" not in ended.stderr


def test_names_the_pack_of_a_configuration_that_a_constructor_reads(parent: Parent) -> None:
    source = f"{ACTION}class Act(Action):\n    def __init__(self, config=None):\n        super().__init__(config)\n"
    source += "        self.url = self.config['url']\n    def run(self):\n        return 1\n"

    assert 'Config for pack "p" is missing key "url"' in parent.run(source).stderr


def test_a_constructor_need_not_call_the_one_of_its_base(parent: Parent) -> None:
    source = f"{ACTION}class Act(Action):\n    def __init__(self, config=None):\n        pass\n"
    source += "    def run(self):\n        self.logger.info('here')\n        return self.config['key']\n"

    ended = parent.run(source, config={"key": "value"})

    assert ended.answer == {"status": None, "result": "value"}, ended.stderr
    assert ended.stderr == "st2.actions.python.Act: INFO     here\n"


@pytest.mark.parametrize("leaves", ["sys.exit(0)", "return 'the fork'", "raise ValueError('of the fork')"])
def test_a_fork_of_the_action_says_nothing_for_it(parent: Parent, leaves: str) -> None:
    body = f"import os, sys\n        pid = os.fork()\n        if pid == 0:\n            {leaves}\n"
    body += "        return [os.waitpid(pid, 0)[1], 'the action']"

    ended = parent.run(action(body))

    code = 256 if "raise" in leaves else 0
    assert ended.answer == {"status": None, "result": [code, "the action"]}, ended.stderr
    assert ("of the fork" in ended.stderr) == ("raise" in leaves)


def test_a_result_that_has_no_text_either_is_told_without_our_traceback(parent: Parent) -> None:
    ended = parent.run(action("x = []\n        for _ in range(100_000):\n            x = [x]\n        return x"))

    assert (ended.code, ended.answer) == (1, None)
    assert ended.stderr.startswith("What `run` gave back is neither JSON nor has it a text: RecursionError: ")
    assert "Traceback" not in ended.stderr


def test_an_action_that_closes_what_is_not_its_own_is_told_so(parent: Parent) -> None:
    ended = parent.run(action("import os; os.closerange(3, 256); return 1"))

    assert (ended.code, ended.answer) == (1, None)
    assert "has closed files that it has not opened" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_an_execution_that_was_given_up_before_it_began_does_not_run(parent: Parent) -> None:
    given_up = parent.start(action("print('it runs'); return 1"), whole=b"")

    ended = given_up.end()

    assert (ended.code, ended.stdout, ended.answer) == (1, "", None)


def test_logs_from_its_level_on(parent: Parent) -> None:
    body = "self.logger.info('quiet'); self.logger.error('loud %s', 1); return None"

    ended = parent.run(action(body), log_level="ERROR")

    assert ended.stderr == "st2.actions.python.Act: ERROR    loud 1\n"


def test_every_execution_has_a_process_group_of_its_own(parent: Parent) -> None:
    ended = parent.run(action("import os; return [os.getpid(), os.getpgrp(), os.getsid(0)]"))

    assert ended.answer is not None
    assert len(set(ended.answer["result"])) == 1
    assert ended.answer["result"][0] != parent.process.pid


def test_says_which_signal_killed_it(parent: Parent) -> None:
    ended = parent.run(action("import os; os.kill(os.getpid(), 9)"))

    assert (ended.code, ended.answer) == (-9, None)


def test_what_a_killed_execution_has_started_is_killed_too(parent: Parent) -> None:
    body = "import os, subprocess; print(subprocess.Popen(['sleep', '1000']).pid, flush=True); os.kill(os.getpid(), 9)"

    running = parent.start(action(body))

    assert is_gone(int(os.read(running._stdout, 100)))
    assert running.end().code == -9


def spare_of(parent: Parent) -> int:
    """The fork that waits for the next execution."""
    file = Path(f"/proc/{parent.process.pid}/task/{parent.process.pid}/children")
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        children = file.read_text().split()
        if len(children) == 1:
            return int(children[0])
    raise AssertionError("no fork waits for the next execution")


def test_the_next_execution_has_its_process_already(parent: Parent) -> None:
    waiting = spare_of(parent)

    ended = parent.run(action("import os; return os.getpid()"))

    assert ended.answer == {"status": None, "result": waiting}


def test_a_process_that_was_killed_while_it_waited_is_not_missed(parent: Parent) -> None:
    waiting = spare_of(parent)

    os.kill(waiting, signal.SIGKILL)
    assert is_gone(waiting)

    assert parent.run(action("return 1")).answer == {"status": None, "result": 1}


def test_a_parent_that_can_open_nothing_serves_again_later(parent: Parent) -> None:
    waiting, pid = spare_of(parent), parent.process.pid
    children = Path(f"/proc/{pid}/task/{pid}/children")
    before = resource.prlimit(pid, resource.RLIMIT_NOFILE, (3, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))

    os.kill(waiting, signal.SIGKILL)
    deadline = time.monotonic() + PATIENCE
    while children.read_text():
        assert time.monotonic() < deadline, "the killed process is still there"
    with pytest.raises(IndexError):
        # It is told no process id.
        parent.start(action("return 1"))
    resource.prlimit(pid, resource.RLIMIT_NOFILE, before)

    assert parent.run(action("import os; return os.getppid()")).answer == {"status": None, "result": pid}


def test_a_process_that_waits_goes_with_its_parent(parent: Parent) -> None:
    waiting = spare_of(parent)

    parent.process.kill()

    assert is_gone(waiting)


def test_is_stopped_by_sigterm(parent: Parent) -> None:
    running = parent.start(action("import time; print('started'); time.sleep(1000)"))

    os.killpg(running.pid, signal.SIGTERM)

    assert running.end().code == -15


def test_runs_what_was_registered_for_the_end(parent: Parent) -> None:
    body = (
        "import atexit, threading, time; atexit.register(print, 'registered'); "
        "threading.Thread(target=lambda: print('thread')).start(); return 1"
    )

    ended = parent.run(action(body))

    assert sorted(ended.stdout.split()) == ["registered", "thread"]
    assert ended.answer == {"status": None, "result": 1}


def test_everything_goes_when_the_runner_is_gone(parent: Parent) -> None:
    running = parent.start(action("import time; time.sleep(1000)"))

    parent.close()

    assert is_gone(running.pid)


def test_executions_go_when_the_parent_is_killed(parent: Parent) -> None:
    running = parent.start(action("import time; print('up', flush=True); time.sleep(1000)"))
    # Only then is it sure to have settled.
    assert os.read(running._stdout, 2) == b"up"

    parent.process.kill()

    assert is_gone(running.pid)


def test_executions_do_not_hold_each_others_output(parent: Parent) -> None:
    slow = parent.start(action("import time; time.sleep(1000)"), name="actions/slow.py")

    ended = parent.run(action("return 1"))

    assert ended.code == 0
    os.killpg(slow.pid, signal.SIGKILL)
    assert slow.end().code == -9


def test_reads_large_requests_and_writes_large_results(parent: Parent) -> None:
    text = "ä" * 3_000_000

    ended = parent.run(action("return text", "self, text"), parameters={"text": text})

    assert ended.answer == {"status": None, "result": text}


def test_libraries_are_imported_once_for_all(parent: Parent) -> None:
    source = "import sys\nbefore = 'wave' in sys.modules\nimport wave\n" + action("return before")
    assert parent.run(source).answer == {"status": None, "result": False}

    deadline = time.monotonic() + PATIENCE
    while parent.run(source).answer != {"status": None, "result": True}:
        assert time.monotonic() < deadline, "the library was never preloaded"


def test_a_library_that_starts_threads_is_left_to_the_actions(parent: Parent, tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site/threaded.py").write_text(
        "import threading, time\nthreading.Thread(target=time.sleep, args=(1000,), daemon=True).start()\n"
    )
    other = Parent.__new__(Parent)
    environment = dict(os.environ)
    os.environ["PYTHONPATH"] = str(tmp_path / "site")
    try:
        other.__init__(tmp_path / "q")  # type: ignore[misc]
    finally:
        os.environ.clear()
        os.environ.update(environment)
    source = "import sys\nbefore = ['threaded' in sys.modules, 'wave' in sys.modules]\n"
    other.run(source + "import threaded\n" + action("return before"))

    deadline = time.monotonic() + PATIENCE
    while True:
        ended = other.run(source + "import wave\n" + action("return before"))
        assert ended.answer is not None
        if ended.answer["result"][1]:
            break
        assert time.monotonic() < deadline, "the later library was never preloaded"
    assert ended.answer["result"][0] is False
    other.close()


def test_an_action_that_wants_too_much_memory_fails_alone(parent: Parent) -> None:
    limits = {"memory_mib": 200}

    greedy = parent.run(action("return len(bytearray(1 << 30))"), limits=limits)
    modest = parent.run(action("return len(bytearray(1 << 20))"), limits=limits)

    assert (greedy.code, greedy.answer) == (1, None)
    assert "MemoryError" in greedy.stderr
    assert greedy.stderr.endswith("may use 200 MiB of memory, and wanted more (`max_memory_mib` of `[python]`)\n")
    assert modest.answer == {"status": None, "result": 1 << 20}
    assert parent.run(action("return len(bytearray(1 << 30))")).answer == {"status": None, "result": 1 << 30}


def test_an_action_that_wants_too_much_time_of_the_cpu_is_killed(parent: Parent) -> None:
    ended = parent.run(action("while True: pass"), limits={"cpu_seconds": 1})

    assert (ended.code, ended.answer) == (-signal.SIGXCPU, None)


def test_an_action_that_wants_too_many_files_is_told_so(parent: Parent) -> None:
    body = "import os; return [os.open('/dev/null', 0) for _ in range(100)]"

    ended = parent.run(action(body), limits={"open_files": 50})

    assert "Too many open files" in ended.stderr
    assert ended.stderr.endswith("may have 50 files open, and wanted more (`max_open_files` of `[python]`)\n")


def test_a_limit_of_the_machine_is_not_raised(parent: Parent) -> None:
    body = "import resource; return resource.getrlimit(resource.RLIMIT_NOFILE)[0]"
    machines = parent.run(action(body)).answer

    assert parent.run(action(body), limits={"open_files": 1 << 40}).answer == machines
