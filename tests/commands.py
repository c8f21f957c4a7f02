"""The command line as tests call it: in this process, without the seconds a new one takes to start, or `started` as a
process of its own. What a command says and does is tried here; that it starts, and ends like a program, there.
"""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import tempfile
import warnings
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from validahub_pipeline.cli import main

PROGRAM = Path(sys.executable).with_name("validahub")
# What Python itself says nothing about.
_UNTOLD = (DeprecationWarning, PendingDeprecationWarning, ImportWarning, ResourceWarning)


def started(*arguments: object, folder: Path | None = None, **environment: object) -> CompletedProcess[str]:
    """`validahub` as a process, in a working folder and with settings of its own."""
    return subprocess.run(
        [PROGRAM, *map(str, arguments)],
        env=_without_width(os.environ) | {name: str(value) for name, value in environment.items()},
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def validahub(*arguments: object, folder: Path | None = None, **environment: object) -> CompletedProcess[str]:
    """The same in this process, from the entry point of the program to its exit. What would end a process with a
    traceback is raised."""
    given = ["validahub", *map(str, arguments)]
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
    on_term = signal.getsignal(signal.SIGTERM)
    with (
        pytest.MonkeyPatch.context() as patch,
        warnings.catch_warnings(),
        chdir(folder or Path.cwd()),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        for untold in _UNTOLD:
            warnings.simplefilter("ignore", untold)
        patch.delenv("COLUMNS", raising=False)
        for name, value in environment.items():
            patch.setenv(name, str(value))
        patch.setattr(tempfile, "tempdir", None)
        patch.setattr(sys, "argv", given)
        patch.setattr(sys, "stdin", io.StringIO())
        try:
            main()
        except SystemExit as ended:
            code = int(ended.code or 0)
        else:
            code = 0
        finally:
            signal.signal(signal.SIGTERM, on_term)
    return CompletedProcess(given, code, _text(out), _text(err))


def _without_width(environment: os._Environ[str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if name != "COLUMNS"}


def _text(stream: io.TextIOWrapper) -> str:
    stream.seek(0)
    return stream.read()
