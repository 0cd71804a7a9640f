"""What keeps work from going on: told once when it begins and once when it is over, however often it is met."""

from ttsd.log.loggers import get_logger

log = get_logger(__name__)


class Hindrance:
    """Owns whether it holds; `begins` and `ends` are event names of the log, `fields` stand in both."""

    def __init__(self, begins: str, ends: str, **fields: object) -> None:
        self._begins = begins
        self._ends = ends
        self._fields = fields
        self._holds = False

    def met(self, reason: str, **fields: object) -> None:
        """It holds from now on; the first reason is told."""
        if not self._holds:
            self._holds = True
            log.warning(self._begins, **self._fields, reason=reason, **fields)

    def over(self) -> None:
        """What it kept from being done was done."""
        if self._holds:
            self._holds = False
            log.info(self._ends, **self._fields)
