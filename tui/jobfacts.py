"""What the page of jobs says in words: of the queue, of one job, of what to do when one has failed. Pure."""

from collections.abc import Sequence
from pathlib import PurePath
from typing import Final

from textual.content import Content

from ttsd.protocol.health import QueueStatus
from ttsd.protocol.jobs import Door, Job, JobState, Receipt
from tui import words
from tui.language import later, t
from tui.listing import Listing
from tui.phrasebook import told
from tui.widgets.facts import Fact
from tui.widgets.joblist import WORDS

COLOURS: Final = {
    JobState.QUEUED: "$quiet",
    JobState.RUNNING: "$accent",
    JobState.SUCCEEDED: "$success",
    JobState.FAILED: "$error",
    JobState.CANCELLED: "$quiet",
}
VIEWS: Final = {"all": later("all"), "active": later("active"), "failed": later("failed"), "done": later("done")}
DOORS: Final = {Door.SPOOL: later("as a file"), Door.HTTP: later("over HTTP"), Door.BATCH: later("in a batch")}
REMEDIES: Final = {
    "unknown_voice": later("F2 shows the voices there are. Make this one, or name another in the file."),
    "unsupported_language": later("Choose a voice that speaks it (F2), or name the language in the file."),
    "cannot_clone": later("Choose a built-in voice (F2), or an engine that clones ([engine] name, F12)."),
    "nothing_to_say": later("Write something into the file, and drop it into the inbox again."),
    "too_large": later("Part the file, or raise the limit that is named (F12 shows it); then press r."),
    "unreadable_document": later("Save it anew as what its name says, or as plain text, and drop it again."),
    "storage_full": later("Free some space, then press r."),
    "worker_lost": later("F4 tells how the engine is. Press r to try again; what is done already is kept."),
    "engine_failed": later("F5 tells what the engine said. Press r to try again; what is done already is kept."),
}
OTHERWISE: Final = later("Press r to try again; F5 tells what happened around it.")


def remedy(job: Job) -> str:
    """The way out of its error."""
    return t(REMEDIES.get(job.error.code if job.error else "", OTHERWISE))


def counts(queue: QueueStatus, left_s: float | None) -> Content:
    """The queue in one line."""
    figures = [
        (queue.running, t("running"), "$accent"),
        (queue.queued, t("waiting"), "$foreground"),
        (queue.succeeded, t("done"), "$success"),
        (queue.failed, t("failed"), "$error"),
        (queue.cancelled, t("stopped"), "$quiet"),
    ]
    parts: list[tuple[str, str]] = []
    for number, name, colour in figures:
        parts += [(f"{number:,}", f"bold {colour}" if number else "$quiet"), (f" {name}  ", "$quiet")]
    if queue.paused:
        parts.insert(0, (t("‖ paused") + "  ", "bold $warning"))
    elif left_s is not None:
        parts.insert(4, (t("{time} left", time=words.duration(left_s)) + "  ", "$accent"))
    return Content.assemble(*parts[: None if queue.cancelled else -2])


def heading(listing: Listing, marked: int) -> str:
    """What the list shows, as its title."""
    view = listing.view
    parts = [t("Jobs"), t(VIEWS[view.which])]
    if view.search:
        parts.append(t("{count} found", count=f"{listing.total:,}{'' if listing.complete else ' …'}"))
    else:
        parts.append(f"{listing.total:,}")
    if view.order != "newest":
        parts.append(t("in turn") if view.order == "turn" else t("oldest first"))
    if marked:
        parts.append(t("{count} marked", count=marked))
    return " · ".join(parts)


def about(job: Job, now_s: float, left_s: float | None) -> list[Fact]:
    """Everything about one job, what matters most first."""
    if job.veiled:
        return _veiled(job, now_s, left_s)
    settings = job.settings
    rows: list[Fact] = [(t("state"), _state(job, left_s), COLOURS[job.state])]
    if job.error:
        rows += [(t("why"), told(job.error.message), "$error"), (t("way out"), remedy(job), "$foreground")]
    language = words.language(settings.language) if settings.language else t("default")
    rows += [
        (t("came"), _came(job, now_s) + _times(job), "$foreground"),
        (t("voice"), f"{settings.voice or t('default')} · {language}", "$foreground"),
    ]
    if job.output:
        output = PurePath(job.output)
        rows.append((t("file"), str(output), "$primary"))
        if job.door is Door.SPOOL:
            rows.append((t("receipt"), str(output.with_suffix(".json")), "$primary"))
    rows.append((t("id"), job.id, "$faint"))
    return rows


def _veiled(job: Job, now_s: float, left_s: float | None) -> list[Fact]:
    """Little enough to know when one's own turn comes."""
    return [
        (t("state"), _state(job, left_s), COLOURS[job.state]),
        (t("came"), _came(job, now_s) + _times(job), "$foreground"),
        (t("whose"), t("Its text, name and sound are for its user and for admins."), "$quiet"),
    ]


def made_of(job: Job) -> list[Fact]:
    """What the queue knows of the making of a job that has no receipt."""
    if job.state is not JobState.SUCCEEDED or job.started_s is None or job.finished_s is None:
        return []
    took_s = job.finished_s - job.started_s
    rows = [(t("made"), words.counted(job.segments_total, "segment"), "$foreground")] if job.segments_total else []
    if job.audio_s and took_s > 0:
        pace = t("{took} for {sound} of sound", took=words.duration(took_s), sound=words.duration(job.audio_s))
        rows.append((t("pace"), pace, "$foreground"))
    return rows


def made(receipt: Receipt) -> list[Fact]:
    """What the receipt tells of the whole."""
    reused = sum(segment.reused for segment in receipt.segments)
    rows = [
        (
            t("made"),
            t(
                "{segments}, {reused} of them kept from before",
                segments=words.counted(len(receipt.segments), "segment"),
                reused=reused,
            ),
            "$foreground",
        ),
        (t("pace"), speed(receipt), "$foreground"),
        (t("engine"), f"{receipt.engine} {receipt.engine_revision}", "$foreground"),
    ]
    cut = sum(segment.cut_off for segment in receipt.segments)
    if cut:
        rows.append(
            (
                t("listen"),
                t("{count} with speech that would not end: cut off, and marked !", count=words.counted(cut, "segment")),
                "$warning",
            )
        )
    return rows


def speed(receipt: Receipt) -> str:
    """How fast it was made."""
    if not receipt.rtf:
        return t("nothing had to be made")
    return t(
        "RTF {rtf}: {work} of work for {sound} of sound",
        rtf=f"{receipt.rtf:.2f}",
        work=words.duration(receipt.work_s),
        sound=words.duration(receipt.duration_s),
    )


def named(jobs: Sequence[Job]) -> str:
    """One by its title, several by their number."""
    return f"“{words.title_of(jobs[0])}”" if len(jobs) == 1 else words.counted(len(jobs), "job")


def _came(job: Job, now_s: float) -> str:
    age, door = words.age(now_s - job.created_s), t(DOORS[job.door])
    return f"{age}, {door}" if age == t("now") else t("{age} ago, {door}", age=age, door=door)


def _times(job: Job) -> str:
    parts: list[str] = []
    if job.finished_s and job.started_s:
        parts.append(t("took {time}", time=words.duration(job.finished_s - job.started_s)))
    if job.attempts > (job.state is JobState.FAILED):
        parts.append(t("failed {count}×", count=job.attempts))
    return "".join(f"; {part}" for part in parts)


def _state(job: Job, left_s: float | None) -> str:
    name = t(WORDS[job.state])
    if job.state is JobState.SUCCEEDED:
        return t("{state}, {time} of sound", state=name, time=words.duration(job.audio_s))
    if job.state is JobState.RUNNING and job.segments_total:
        done = t("{done} of {all}", done=job.segments_done, all=words.counted(job.segments_total, "segment"))
        left = "" if left_s is None else f", {t('{time} left', time=words.duration(left_s))}"
        return f"{name}, {done}{left}"
    return t("waiting, before all others") if job.state is JobState.QUEUED and job.first else name
