"""The past of the log: older lines, page by page, out of the daemon's files."""

import enum
from collections.abc import Awaitable, Callable

from ttsd.protocol.errors import TtsdError
from ttsd.protocol.events import LogEvent
from ttsd.protocol.log import LogPage, LogQuery

ReadLog = Callable[[LogQuery, str | None], Awaitable[LogPage]]
"""`TtsdClient.logs`."""


class Stand(enum.StrEnum):
    """How far it is."""

    MORE = "more"
    READING = "reading"
    END = "end"
    TROUBLE = "trouble"


class LogPast:
    """Owns how far back the files were read for one filter."""

    def __init__(self, read: ReadLog) -> None:
        self._read = read
        self._next: str | None = None
        self.stand = Stand.MORE
        self.reached_s: float | None = None
        """The time of the oldest line that was looked at."""
        self.trouble = ""
        self.notes: dict[str, None] = {}
        """What could not be read, in the order of its finding."""

    async def has_older(self, query: LogQuery, begins: str | None) -> bool:
        """Whether a line that `query` means stands before all that was read."""
        before, self.trouble = self._next or begins, ""
        try:
            while True:
                page = await self._read(query, before)
                if page.lines or page.next is None:
                    return bool(page.lines)
                before = page.next
        except TtsdError as error:
            self.trouble = error.message
            return False

    async def older(self, query: LogQuery, begins: str | None) -> tuple[LogEvent, ...]:
        """The next page of older lines, newest first; trouble is kept, to be shown where the lines would be."""
        self.stand, self.trouble = Stand.READING, ""
        try:
            page = await self._read(query, self._next or begins)
        except TtsdError as error:
            self.stand, self.trouble = Stand.TROUBLE, error.message
            return ()
        self._next = page.next
        self.reached_s = page.reached_s or self.reached_s
        self.notes |= dict.fromkeys(page.notes)
        self.stand = Stand.MORE if page.next else Stand.END
        return page.lines
