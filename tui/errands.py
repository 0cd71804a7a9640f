"""What pages ask of the daemon and of nobody else."""

from collections.abc import Callable
from contextlib import suppress

from ttsd.client import TtsdClient
from ttsd.protocol.errors import TtsdError
from tui.asks import Errand, HoldBackground, OrderWorker, PastWanted
from tui.state import Message, PastRead


async def do(errand: Errand, client: TtsdClient, learn: Callable[[Message], None]) -> None:
    """Do `errand`; `learn` is told what the daemon answers. Raises TtsdError."""
    match errand:
        case PastWanted(since_s=since_s, points=points):
            with suppress(TtsdError):  # an older daemon keeps no past; that it is gone the events stream says
                learn(PastRead(since_s, await client.history(since_s, points)))
        case OrderWorker(act=act, force=force):
            await client.worker(act, force=force)
        case HoldBackground(hold=hold):
            await client.pause(on=hold)
        case _:
            raise AssertionError(errand)
