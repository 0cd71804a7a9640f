"""All pages at once: for the list of keys. Who starts the app does without this."""

from collections.abc import Iterable, Sequence
from typing import Final

from textual.binding import BindingType

from tui import keys
from tui.language import later
from tui.screens.away import AwayScreen
from tui.screens.health import HealthScreen
from tui.screens.jobs import JobsScreen
from tui.screens.logs import LogsScreen
from tui.screens.receipt import ReceiptScreen
from tui.screens.speak import SpeakScreen
from tui.screens.spoken import SpokenScreen
from tui.screens.voices import VoicesScreen
from tui.widgets.dials import Dials
from tui.widgets.joblist import JobList
from tui.widgets.logview import LogView
from tui.widgets.transcript import Transcript
from tui.widgets.voicelist import VoiceList

Group = tuple[str, Sequence[BindingType]]
"""A title, and the keys below it."""

GROUPS: Final[list[Group]] = [
    (later("Speak"), SpeakScreen.BINDINGS),
    (later("What was spoken"), Transcript.BINDINGS),
    (later("Style"), Dials.BINDINGS),
    (later("Spoken before"), SpokenScreen.BINDINGS),
    (later("Voices"), [*VoiceList.BINDINGS, *VoicesScreen.BINDINGS]),
    (later("Jobs"), [*JobList.BINDINGS, *JobsScreen.BINDINGS]),
    (later("Receipt"), ReceiptScreen.BINDINGS),
    (later("Health"), HealthScreen.BINDINGS),
    (later("Logs"), [*LogView.BINDINGS, *LogsScreen.BINDINGS]),
]


def groups(everywhere: Sequence[BindingType]) -> list[Group]:
    """Every key with what it does, by page."""
    return [*GROUPS, (later("Everywhere"), everywhere)]


def key_names(everywhere: Iterable[BindingType]) -> frozenset[str]:
    """All that `[tui] keys` can give another key."""
    there = [everywhere, AwayScreen.BINDINGS, *(bindings for _, bindings in GROUPS)]
    return frozenset(name for bindings in there for name in keys.names(bindings))
