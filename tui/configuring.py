"""Settings from within the app: the file is found, changes are written or explained, and the daemon is told."""

from collections.abc import Callable
from typing import Any, Final

from textual.screen import Screen

from ttsd.client.running import reload
from ttsd.client.settings import Change, SettingsFile, order
from ttsd.protocol.errors import Forbidden, TtsdError
from ttsd.protocol.health import Status
from tui.language import later, t
from tui.screens.difference import DifferenceScreen
from tui.screens.settings import SettingsScreen
from tui.widgets.confirm import Confirm

THEN: Final = {
    "reload": later("The daemon takes it over after: {command}"),
    "restart": later("It needs a restart: {command}"),
    "app": later("It counts from the next start of this app."),
}

Show = Callable[[Screen[Any], Callable[[Any], None] | None], object]
"""A question, and what is done with the answer."""
Tell = Callable[[str, str, str], None]
"""Text, title, severity."""


class Configuring:
    """Owns nothing; `status` reads what is known of the daemon."""

    def __init__(self, show: Show, tell: Tell, status: Callable[[], Status | None]) -> None:
        self._show = show
        self._tell = tell
        self._status = status

    def open(self) -> None:
        """Show the settings of the daemon that answers, or of the one that would be started here."""
        try:
            status = self._status()
            file = SettingsFile.of(status)
        except TtsdError as error:
            self._tell(error.message, t("Settings"), "warning")
        else:
            self._show(SettingsScreen(file, status.overrides if status else {}, self._changed), None)

    def _changed(self, change: Change) -> None:
        status = self._status()
        command = order(status, change) if status else ""
        try:
            change.write()
        except Forbidden as error:
            commands = [one for one in (change.by_hand, command) if one]
            self._show(DifferenceScreen(error.message, change.diff, commands), None)
        except TtsdError as error:
            self._tell(error.message, t("Not written"), "error")
        else:
            needs = change.setting.takes_over
            then = t(THEN[needs], command=command) if command or needs == "app" else ""
            self._tell(f"{change.file}\n{then}".strip(), t("Written"), "information")
            if status and needs == "reload":
                self._show(
                    Confirm(t("Have the daemon read it now?")), lambda yes: self._reload(status) if yes else None
                )

    def _reload(self, status: Status) -> None:
        try:
            reload(status)
        except TtsdError as error:
            self._tell(error.message, t("Not done"), "warning")
