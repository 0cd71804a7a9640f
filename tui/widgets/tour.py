"""The tour: a few lines above the keys, in nobody's way; each step says one thing, and the last one is heard."""

from typing import Final

from textual.content import Content
from textual.message import Message

from tui.keys import key_of
from tui.language import later, t
from tui.widgets.pressable import PressableText, pressable
from tui.words import plain

STEPS: Final = (
    later("Welcome. Type in “Write”: each phrase is spoken as soon as it stands, and shown in “Hear” as it is heard."),
    later("F2 has the voices. Three seconds of speech and their text make one of your own: press r there (n: a file)."),
    later("F3 has the jobs. Every text that you drop into {inbox} becomes a sound file in the folder beside it."),
    later("F4 shows how the machine is, F5 what it says. ^p finds everything that can be done, ^g every key."),
    later("That is all. The last step says it aloud; write on whenever you like."),
)
LAST_WORDS: Final = later("This is how I sound. Write something, and I will say it.")


class Tour(PressableText):
    """Shows one step after another; `next` goes on and tells when the end is reached."""

    class Ended(Message):
        """The tour was seen or left; `heard` is what is to be said now."""

        def __init__(self, heard: str) -> None:
            super().__init__()
            self.heard = heard

    def __init__(self, inbox: str) -> None:
        super().__init__(id="tour")
        self._inbox = inbox
        self._step = 0

    def on_mount(self) -> None:
        self._show()

    def next(self) -> None:
        self._step += 1
        if self._step < len(STEPS):
            self._show()
        else:
            self._end(t(LAST_WORDS))

    def action_next(self) -> None:
        self.next()

    def action_leave(self) -> None:
        self._end("")

    def _end(self, heard: str) -> None:
        self.post_message(self.Ended(heard))
        self.remove()

    def _show(self) -> None:
        last = self._step == len(STEPS) - 1
        more = Content.assemble(
            (key_of("tour", "Alt+N"), "$accent"), (" " + (t("hear it") if last else t("next")), "$quiet")
        )
        self.update(
            Content.assemble(
                (f"{self._step + 1}/{len(STEPS)} ", "$accent"),
                (t(STEPS[self._step], inbox=plain(self._inbox)), "$foreground"),
                "  ",
                pressable(more, "next"),
                "  ",
                pressable(Content.styled(t("leave the tour"), "$quiet"), "leave"),
            )
        )
