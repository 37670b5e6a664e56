"""Commands."""

from __future__ import annotations

import os
import shlex
import subprocess
from typing import Any, Optional, Union

__all__ = ["quote_unix", "run_command"]


def run_command(
    cmd: Union[str, list[str]],
    stdin: Any = None,
    stdout: Any = subprocess.PIPE,
    stderr: Any = subprocess.PIPE,
    shell: bool = False,
    cwd: Optional[str] = None,
    env: Optional[dict[str, str]] = None,
) -> tuple[int, Any, Any]:
    """Runs a command to its end; gives back its exit code and what it printed on either stream."""
    if not isinstance(cmd, (str, list, tuple)):
        raise TypeError(f"Expected cmd to be a string or a list, got {type(cmd).__name__}")
    process = subprocess.Popen(
        cmd, stdin=stdin, stdout=stdout, stderr=stderr, shell=shell, cwd=cwd, env=env or dict(os.environ)
    )
    printed, complained = process.communicate()
    return process.returncode, _text(printed), _text(complained)


def _text(output: Optional[bytes]) -> Optional[str]:
    return output.decode("utf-8", "replace") if isinstance(output, bytes) else output


def quote_unix(value: str) -> str:
    """A word as a shell reads it."""
    return shlex.quote(value.strip())
