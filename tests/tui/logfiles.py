"""The log files of a daemon that is played: what stands in them, and its answers to who searches them."""

from collections.abc import Sequence
from typing import Final

from ttsd.protocol.events import LogEvent
from ttsd.protocol.log import LogPage, LogQuery, matcher

PAGE: Final = 5
PLACE: Final = "at-"


def page_of(files: Sequence[LogEvent], query: LogQuery, before: str | None) -> LogPage:
    """Five lines a page; `before` is the `next` of the page before, or a time."""
    wanted = list(filter(matcher(query), reversed(files)))
    if before and before.startswith(PLACE):
        begin = int(before.removeprefix(PLACE))
    else:
        begin = sum(line.at_s >= float(before) for line in wanted) if before else 0
    end = begin + PAGE
    page = tuple(wanted[begin:end])
    following = f"{PLACE}{end}" if len(wanted) > end else None
    return LogPage(page, following, reached_s=page[-1].at_s if page else None)
