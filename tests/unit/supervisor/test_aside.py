"""What is asked aside: it fails, and whoever asks hears the last answer and may ask again."""

import pytest

from ttsd.supervisor.aside import Aside


@pytest.fixture
def aside() -> Aside[int]:
    return Aside("test", 0, patience_s=10)


def broken() -> int:
    raise ZeroDivisionError("nobody foresaw this")


async def test_what_fails_is_answered_by_the_last_and_asked_again(aside: Aside[int]):
    assert await aside.ask(lambda: 1) == 1
    assert await aside.ask(broken) == 1
    assert not aside.asking
    assert await aside.ask(lambda: 2) == 2


async def test_a_failure_is_told_once_with_its_place_until_it_is_over(
    aside: Aside[int], caplog: pytest.LogCaptureFixture
):
    caplog.set_level("INFO", "ttsd")
    for read in (broken, broken, lambda: 1, lambda: 1, broken):
        await aside.ask(read)
    assert [record.getMessage() for record in caplog.records] == ["health.blind", "health.seen_again", "health.blind"]
    first = caplog.records[0]
    assert vars(first)["fields"] == {"asked": "test", "reason": "ZeroDivisionError: nobody foresaw this"}
    assert first.exc_text is not None
    assert "in broken" in first.exc_text
