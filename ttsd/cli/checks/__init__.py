"""What `ttsd doctor` looks at: each check returns findings, and never raises."""

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


def ok(check: str, found: str) -> Finding:
    return Finding(check, Verdict.OK, found)


def warn(check: str, found: str, mend: str) -> Finding:
    return Finding(check, Verdict.WARN, found, mend)


def fail(check: str, found: str, mend: str) -> Finding:
    return Finding(check, Verdict.FAIL, found, mend)
