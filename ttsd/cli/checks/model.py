"""Can the engine that is configured be loaded: its package, its checkpoint?"""

import importlib.util
import subprocess
import sys
from collections.abc import Iterator
from typing import Final

from ttsd.cli.checks import Finding, fail, ok
from ttsd.config import Config
from ttsd.models import whole
from ttsd.models.local import PUBLISHED, locate
from ttsd.protocol.errors import TtsdError
from ttsd.supervisor.serving import needs_card

PARTS: Final = {"builtin": ("hibari", "pip install ttsd"), "qwen3": ("torch", "pip install 'ttsd[qwen]'")}
"""The engines that need a package, its module, and how to get it."""
PATIENCE_S: Final = 60.0


def parts(config: Config) -> Finding:
    """Can the engine's package be imported? Tried for real, in a process of its own."""
    if config.engine.name not in PARTS:
        return ok("engine", f"{config.engine.name} needs no package")
    module, remedy = PARTS[config.engine.name]
    if importlib.util.find_spec(module) is None:
        return fail("engine", "engine-package", f"{config.engine.name} needs {module}, which is not installed", remedy)
    cuda = f"; print({module}.version.cuda or '')" if module == "torch" else ""
    version = f"import {module}; print(getattr({module}, '__version__', '')){cuda}"
    try:
        tried = _run(sys.executable, "-c", version)
    except subprocess.TimeoutExpired:
        found = f"{config.engine.name}: importing {module} took more than {PATIENCE_S:g} s"
        return fail("engine", "engine-package", found, "see what keeps this machine busy, then try again")
    if tried.returncode:
        reason = (tried.stderr.strip().splitlines() or ["it died"])[-1]
        found = f"{config.engine.name}: {module} cannot be imported: {reason}"
        return fail("engine", "engine-package", found, remedy)
    number, *more = tried.stdout.splitlines() or [""]
    if more == [""] and needs_card(config, None):
        found = f"{config.engine.name}: torch {number} is built for CPUs only, and the model is to run on a GPU"
        mend = "install a build of torch for CUDA; or set [engine] allow_cpu = true, which is slow"
        return fail("engine", "torch-cpu", found, mend)
    return ok("engine", f"{config.engine.name}: {module} {number} can be imported")


def checkpoint(config: Config) -> Iterator[Finding]:
    """Is the model of `qwen3` here, and whole?"""
    if config.engine.name != "qwen3":
        return
    try:
        folder = locate(config.qwen3.model)
        kind = whole.check(folder)
    except (TtsdError, OSError) as error:
        told = error.message if isinstance(error, TtsdError) else str(error)
        found, _, remedy = told.partition("; ")
        missing = "is empty" in found or "not on this machine" in found or "file is missing" in found
        fault = "model-missing" if missing else "model-broken"
        yield fail(
            "model",
            fault,
            found.partition(": fetch one")[0],
            remedy or f"ttsd model pull {PUBLISHED[0].id}, then ttsd model use {PUBLISHED[0].id}",
        )
    else:
        yield ok("model", f"{folder} ({kind}) is whole")


def _run(*command: str) -> "subprocess.CompletedProcess[str]":
    # Every command here is written above; nothing in it comes from outside.
    return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, check=False)  # noqa: S603
