"""What was used, summed up and priced."""

from ttsd.asker import name_of
from ttsd.clock import Clock
from ttsd.config import Config
from ttsd.jobs import pricing
from ttsd.jobs.ledger import Ledger
from ttsd.protocol.usage import By, Prices, UsageReport, UsageRow, Used
from ttsd.storage import usage
from ttsd.storage.database import Database


class Billing:
    """Answers from the ledger, what is not on the disk yet included."""

    def __init__(self, database: Database, ledger: Ledger, config: Config, clock: Clock) -> None:
        self._database = database
        self._ledger = ledger
        self._prices = prices_of(config)
        self._clock = clock

    def reload(self, config: Config) -> None:
        """Take over other prices: they hold for the past too."""
        self._prices = prices_of(config)

    async def report(self, by: By, since_s: float, user: str | None = None) -> UsageReport:
        """What was used since then, of one `user` or of all. Raises StorageFull: it is written down first."""
        from_s = usage.hour(since_s)

        def read(db: usage.sqlite3.Connection) -> tuple[dict[str, Used], int | None]:
            return usage.sums(db, by, from_s, user), usage.first_s(db, from_s)

        sums, first_s = await self._ledger.settle(read)
        whole = report(by, sums, self._prices)
        until_s = self._clock()
        idle = None
        if self._prices.hardware_per_month and first_s is not None:
            idle = pricing.hardware_cost(max(0.0, until_s - max(first_s, since_s)), self._prices)
        return UsageReport(
            since_s=from_s,
            until_s=until_s,
            recorded_since_s=first_s,
            by=by,
            rows=whole,
            total=(total := total_of(whole, self._prices)),
            prices=self._prices,
            per_10k=pricing.per_10k(total.cost, total.used.clips),
            per_10k_usual=pricing.per_10k_usual(total.cost, total.used),
            hardware_all_the_time=idle,
        )


def report(by: By, sums: dict[str, Used], prices: Prices) -> tuple[UsageRow, ...]:
    """Priced rows: days in their order, all others from the one with the most work and text."""
    rows = [
        UsageRow(name, used, pricing.cost(used, prices), who=name_of(name) if by == "user" else "")
        for name, used in sums.items()
    ]
    if by != "day":
        rows.sort(key=lambda row: (-row.used.characters, row.name))
    return tuple(rows)


def total_of(rows: tuple[UsageRow, ...], prices: Prices) -> UsageRow:
    used = sum((row.used for row in rows), Used())
    return UsageRow("", used, pricing.cost(used, prices))


def prices_of(config: Config) -> Prices:
    told = config.usage
    return Prices(told.currency, told.price_per_kwh, told.hardware_cost_per_month, told.compared_price_per_10k_clips)
