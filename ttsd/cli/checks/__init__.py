"""What `ttsd doctor` looks at: each check returns findings, and never raises.

`docs/doctor.md` has a line for every fault, and a test seeds each of them.
"""

import enum

import msgspec


class Verdict(enum.StrEnum):
    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


class Finding(msgspec.Struct, frozen=True):
    """One thing that was looked at; `mend` says what to do when it is not well."""

    check: str
    verdict: Verdict
    found: str
    mend: str = ""
    fault: str = ""
    """Which of the faults in `docs/doctor.md` it is; empty when all is well."""


def ok(check: str, found: str) -> Finding:
    return Finding(check, Verdict.OK, found)


def warn(check: str, fault: str, found: str, mend: str) -> Finding:
    return Finding(check, Verdict.WARN, found, mend, fault)


def fail(check: str, fault: str, found: str, mend: str) -> Finding:
    return Finding(check, Verdict.FAIL, found, mend, fault)
