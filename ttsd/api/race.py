"""Several things at once until the first of them is over."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from typing import Any, cast

Runner = Callable[[], Coroutine[Any, Any, None]]


class _Over(Exception):
    """The first to end ends the group."""


async def race(*runners: Runner) -> None:
    """Run all of `runners` until the first ends; the others are cancelled. What one failed with is raised as it is."""
    try:
        async with asyncio.TaskGroup() as group:
            for runner in runners:
                group.create_task(_to_the_end(runner))
    except BaseExceptionGroup as failed:  # pyright: ignore[reportUnknownVariableType] — generic in its errors
        for error in bare(failed):
            if not isinstance(error, _Over):
                raise error from None


async def _to_the_end(runner: Runner) -> None:
    await runner()
    raise _Over


def bare(group: BaseExceptionGroup[BaseException]) -> Iterator[BaseException]:
    """The exceptions in a group, however deep."""
    for error in group.exceptions:
        if isinstance(error, BaseExceptionGroup):
            yield from bare(cast("BaseExceptionGroup[BaseException]", error))
        else:
            yield error
