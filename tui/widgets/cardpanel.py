"""Cards: whose memory it is, against the threshold; load, heat, power, clocks, what slows them down."""

from collections.abc import Sequence
from typing import Final

from textual.content import Content
from textual.widget import Widget

from ttsd.protocol.health import Ecc, GpuSample
from ttsd.protocol.xid import meaning
from tui import words
from tui.language import later, t

Part = tuple[str, str]
"""Text and colour."""

LINES: Final = 3
"""Of each card."""
NAMES: Final = 9
SHORTEST_BAR: Final = 12
THROTTLES: Final = {
    "power_cap": later("power limit"),
    "hw_slowdown": later("hardware"),
    "sync_boost": later("another card's pace"),
    "sw_thermal": later("heat"),
    "hw_thermal": later("heat (hardware)"),
    "power_brake": later("power supply"),
}


class CardPanel(Widget):
    """Shows the chosen card, and those after it where there is room; the border's title is the first one's name."""

    def __init__(self) -> None:
        super().__init__(id="gpus")
        self._cards: Sequence[GpuSample] = ()
        self._threshold = 0.0

    def show(self, cards: Sequence[GpuSample], chosen: int, threshold: float) -> None:
        """`threshold` is the fraction of memory above which the worker is replaced."""
        self._cards = (*cards[chosen:], *cards[:chosen])
        self._threshold = threshold
        self.display = bool(cards)
        if cards:
            card = cards[chosen]
            self.border_title = Content(_title(card))
            self.border_subtitle = f"{chosen + 1} / {len(cards)}" if len(cards) > 1 else ""
        self.refresh()

    def render(self) -> Content:
        width, height = self.size
        fitting = max(1, (height + 1) // (LINES + 1))
        lines: list[Content] = []
        for place, card in enumerate(self._cards[:fitting]):
            if place:
                lines.append(Content.styled(_title(card), "$quiet"))
            lines += card_lines(card, self._threshold, width)
        return Content("\n").join(lines)


def card_lines(card: GpuSample, threshold: float, width: int) -> list[Content]:
    """Memory, load, and what limits it."""
    figures = [*_figures(card)]
    told = [words.fitted(words.percent(card.utilisation), 7)] if card.utilisation is not None else []
    memory = _memory_words(card)
    room = max(SHORTEST_BAR, min(100, width - NAMES - max(map(len, [memory, *("  ".join([*told, *figures]),)])) - 2))
    load = [(words.fitted(t("load"), NAMES), "$quiet"), *bar([(card.utilisation or 0.0, "$primary")], room)]
    return [
        Content.assemble(
            (words.fitted(t("memory"), NAMES), "$quiet"),
            *memory_bar(card, threshold, room),
            ("  " + memory, "$foreground"),
        ),
        Content.assemble(*load, ("  " + "  ".join([*told, *figures]), "$foreground")),
        _condition(card),
    ]


def _condition(card: GpuSample) -> Content:
    """Its speed; where something is wrong with it, that instead."""
    if faults := _faults(card):
        return Content.assemble((words.fitted(t("errors"), NAMES), "$quiet"), ("   ".join(faults), "$error"))
    return Content.assemble((words.fitted(t("clocks"), NAMES), "$quiet"), _speed(card))


def _title(card: GpuSample) -> str:
    own = f" · {t('the worker is on it')}" if card.serves else ""
    return words.plain(f"GPU {card.label} · {card.name}") + own


def _faults(card: GpuSample) -> list[str]:
    """What is wrong with the card itself, the gravest first."""
    ecc, faults = card.ecc or Ecc(), list[str]()
    if ecc.exhausted:
        faults.append(t("its memory is worn out: have it replaced"))
    if card.xid is not None:
        faults.append(f"XID {card.xid.number}: {t(meaning(card.xid.number).sentence)}")
    if ecc.uncorrected:
        faults.append(t("memory errors: {count}", count=ecc.uncorrected))
    if ecc.pending and not ecc.exhausted:
        faults.append(t("it is to be reset"))
    return faults


def _memory_words(card: GpuSample) -> str:
    if card.memory_used_bytes is None or card.memory_total_bytes is None:
        return t("not told by the driver")
    used = f"{words.size(card.memory_used_bytes)} / {words.size(card.memory_total_bytes)}"
    ours = card.memory_of(ours=True)
    return used if ours is None else f"{used}  {t('ours {size}', size=words.size(ours))}"


def _figures(card: GpuSample) -> list[str]:
    figures: list[str] = []
    if card.temperature_c is not None:
        figures.append(words.celsius(card.temperature_c))
    if card.power_w is not None:
        limit = "" if card.power_limit_w is None else f" / {card.power_limit_w:.0f}"
        figures.append(f"{card.power_w:.0f}{limit} W")
    return figures


def _speed(card: GpuSample) -> Content:
    clocks = [
        t("{name} {clock} MHz", name=name, clock=f"{clock:.0f}")
        for name, clock in (("SM", card.sm_clock_mhz), (t("memory"), card.memory_clock_mhz))
        if clock is not None
    ]
    parts: list[Part] = [("   ".join(clocks), "$foreground")]
    if card.throttle:
        reasons = ", ".join(t(THROTTLES[reason]) for reason in card.throttle)
        parts.append((f"   {t('slowed down: {reasons}', reasons=reasons)}", "$warning"))
    elif card.throttle is not None:
        parts.append((f"   {t('not slowed down')}", "$quiet"))
    return Content.assemble(*parts)


def memory_bar(card: GpuSample, threshold: float, width: int) -> list[Part]:
    """Ours, then others', and a mark where the worker is replaced; red once that is passed."""
    total = card.memory_total_bytes or 0
    if not total or card.memory_used_bytes is None:
        return bar([], width)
    used = card.memory_used_bytes / total
    ours = min(used, (card.memory_of(ours=True) or 0) / total)
    passed = bool(threshold) and used >= threshold
    parts = bar(
        [(ours, "$error" if passed else "$primary"), (used - ours, "$warning" if passed else "$secondary")], width
    )
    return marked(parts, round(threshold * width), "$error" if passed else "$warning") if 0 < threshold < 1 else parts


def bar(shares: Sequence[tuple[float, str]], width: int) -> list[Part]:
    """`width` cells of which each share (0..1) has its part, in its colour."""
    parts: list[Part] = []
    filled, sum_ = 0, 0.0
    for share, colour in shares:
        sum_ += share
        cells = min(width, round(sum_ * width)) - filled
        parts.append(("━" * max(0, cells), colour))
        filled += max(0, cells)
    return [*parts, ("─" * (width - filled), "$faint")]


def marked(parts: Sequence[Part], place: int, colour: str) -> list[Part]:
    """`parts` with one cell replaced by a mark."""
    done: list[Part] = []
    start = 0
    for text, tone in parts:
        here = place - start
        if 0 <= here < len(text):
            done += [(text[:here], tone), ("┃", colour), (text[here + 1 :], tone)]
        else:
            done.append((text, tone))
        start += len(text)
    return done
