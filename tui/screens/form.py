"""A form: a few questions in one dialog."""

from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar, Literal

import msgspec
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Input, Static

from tui import words
from tui.language import t
from tui.widgets.answers import Cycle, Lines, PathInput, Submitted
from tui.widgets.picker import Choice

Answers = dict[str, str]


class Question(msgspec.Struct, frozen=True):
    """One row of a form."""

    name: str
    label: str
    value: str = ""
    kind: Literal["line", "lines", "path", "choice"] = "line"
    hint: str = ""
    choices: Sequence[Choice] = ()
    suffixes: tuple[str, ...] = ()
    """Of files that a path may have."""

    def widget(self) -> Widget:
        match self.kind:
            case "line":
                return Input(self.value, compact=True, placeholder=self.hint, id=self.name)
            case "path":
                return PathInput(self.value, self.name, suffixes=self.suffixes, placeholder=self.hint)
            case "lines":
                return Lines(self.value, compact=True, tab_behavior="focus", placeholder=self.hint, id=self.name)
            case "choice":
                return Cycle(self.choices, self.value, self.name)


class Wrong(msgspec.Struct, frozen=True):
    """What is wrong with the answers, in one sentence, and the question where it is."""

    why: str
    at: str


Check = Callable[[Mapping[str, str]], Wrong | None]


class Form(ModalScreen[Answers | None]):
    """Returns the answers by name once `check` finds nothing wrong with them, or `None` after Esc."""

    CSS_PATH = "form.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss", "Leave")]

    def __init__(self, title: str, questions: Sequence[Question], check: Check, at: str = "") -> None:
        """`at`: the question to begin with."""
        super().__init__()
        self._at = at
        self._title = title
        self._questions = questions
        self._check = check
        self._wrong = Static(id="wrong", markup=False)

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="form", can_focus=False) as box:
            box.border_title = Content(words.plain(self._title))
            box.border_subtitle = t("tab next · enter done · esc leave")
            for question in self._questions:
                with Horizontal(classes=f"question {question.kind}"):
                    yield Static(question.label, classes="label")
                    yield question.widget()
            yield self._wrong

    def on_mount(self) -> None:
        """The question asked for has the cursor, else the first without an answer."""
        asked = [question for question in self._questions if question.name == self._at]
        empty = [question for question in self._questions if not question.value]
        self._go_to([*asked, *empty, *self._questions][0].name)

    def _go_to(self, name: str) -> None:
        self.query_one(f"#{name}").focus()

    @on(Input.Submitted)
    @on(Submitted)
    def _submitted(self, event: Input.Submitted | Submitted) -> None:
        event.stop()
        answers = {question.name: self._answer(question) for question in self._questions}
        if wrong := self._check(answers):
            self._wrong.update(wrong.why)
            self._go_to(wrong.at)
        else:
            self.dismiss(answers)

    def _answer(self, question: Question) -> str:
        match self.query_one(f"#{question.name}"):
            case Lines() as lines:
                return " ".join(lines.text.split())
            case Input() | Cycle() as line:
                return line.value.strip()
            case _:
                raise TypeError(question.kind)
