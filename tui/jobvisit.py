"""From a job's id, wherever it was seen, to its place among the jobs."""

from typing import TYPE_CHECKING

from tui.screens.jobs import JobsScreen

if TYPE_CHECKING:
    from tui.app import TtsdApp


async def visit(app: "TtsdApp", job_id: str) -> None:
    """Open the jobs with this one chosen. Raises TtsdError when the daemon does not know it any more."""
    if job_id not in app.state.jobs:
        await app.client.job(job_id)
    await app.switch_mode(JobsScreen.MODE)
    if isinstance(app.screen, JobsScreen):
        app.screen.choose(job_id)
