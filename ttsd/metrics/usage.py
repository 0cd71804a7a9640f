"""What was used since the start, by voice and door, and by user."""

from collections.abc import Iterable, Iterator
from typing import Final

from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector

from ttsd.metrics.bounded import Bounded
from ttsd.protocol.usage import Account, Used

MOST_VOICES: Final = 20
MOST_USERS: Final = 20

FIGURES: Final = {
    "clips": ("Segments delivered{}.", "clips"),
    "reused_clips": ("Of these, out of the clip store{}.", "reused"),
    "characters": ("Characters of text delivered as speech{}.", "characters"),
    "audio_seconds": ("Seconds of speech delivered{}.", "audio_s"),
    "engine_seconds": ("Share of the worker's busy time{}.", "engine_s"),
    "energy_joules": ("Drawn by the card in that time, where its power is measured{}.", "energy_j"),
}
"""Name → help and the field of `Used`; for voices and doors, and again for users."""


class UsageTotals(Collector):
    """Owns the sums since the start; 20 voices and 20 users have series of their own, the others one together."""

    def __init__(self) -> None:
        self._voices = Bounded(MOST_VOICES)
        self._users = Bounded(MOST_USERS)
        self._by_voice: dict[tuple[str, str], Used] = {}
        self._by_user: dict[tuple[str], Used] = {}

    def expect(self, accounts: Iterable[Account]) -> None:
        """These get series of their own before all others, the first ones first."""
        for account in accounts:
            self._voices.label(account.voice)
            self._users.label(account.user)

    def add(self, account: Account, used: Used) -> None:
        by_voice = account.door.value, self._voices.label(account.voice)
        by_user = (self._users.label(account.user),)
        self._by_voice[by_voice] = self._by_voice.get(by_voice, Used()) + used
        self._by_user[by_user] = self._by_user.get(by_user, Used()) + used

    def collect(self) -> Iterator[CounterMetricFamily]:
        yield from _families("ttsd_usage_", ", by door and voice", ("door", "voice"), self._by_voice)
        yield from _families("ttsd_user_", ", by user", ("user",), self._by_user)


def _families(
    prefix: str, told_by: str, labels: tuple[str, ...], sums: dict[tuple[str, str], Used] | dict[tuple[str], Used]
) -> Iterator[CounterMetricFamily]:
    for name, (help_text, field) in FIGURES.items():
        family = CounterMetricFamily(prefix + name, help_text.format(told_by), labels=labels)
        for place, used in sums.items():
            if (value := getattr(used, field)) is not None:
                family.add_metric(place, value)
        yield family
