"""The list of jobs, of which only parts are known."""

from ttsd.protocol.health import QueueStatus
from ttsd.protocol.jobs import JobPage, JobState
from tui import listing as listings
from tui.listing import KEPT, MOST_FOUND, PAGE, Listing, Rows, View


def page(make_job, first: int, count: int, total: int | None = None, more: str | None = None) -> JobPage:
    jobs = [make_job(f"{n:05d}", JobState.SUCCEEDED, ago_s=n) for n in range(first, first + count)]
    return JobPage(tuple(jobs), {}, more, total)


def full(make_job, total: int = 250) -> Listing:
    return listings.read(Listing(View(), total), View(), 0, page(make_job, 0, PAGE, total))


def titles(listing: Listing, first: int, last: int) -> list[str | None]:
    return [job and job.title for job in Rows(listing)[first:last]]


def test_pages_stand_at_their_place_and_the_rest_is_lacking(make_job):
    listing = full(make_job)
    assert (len(Rows(listing)), titles(listing, 98, 102)) == (250, ["00098", "00099", None, None])
    assert listing.lacking(90, 120) == [1]
    listing = listings.read(listing, View(), 2, page(make_job, 200, 50, 250))
    assert titles(listing, 248, 260) == ["00248", "00249"]
    assert listing.lacking(230, 400) == []


def test_a_page_of_another_view_is_none_of_ours(make_job):
    listing = full(make_job)
    assert listings.read(listing, View("failed"), 0, page(make_job, 5, 1)) is listing
    assert listings.found(listing, View(search="a"), page(make_job, 5, 1)) is listing


def test_only_so_many_pages_are_kept(make_job):
    listing = Listing(View(), 100_000)
    for number in range(KEPT + 5):
        listing = listings.read(listing, View(), number, page(make_job, number * PAGE, 1, 100_000))
    assert sorted(listing.pages) == list(range(5, KEPT + 5))


def test_a_job_that_changes_is_changed_in_its_place_and_nothing_is_read(make_job):
    listing = listings.changed(full(make_job), make_job("00007", JobState.QUEUED, ago_s=7))
    assert Rows(listing)[7].state is JobState.QUEUED
    assert listing.stale == frozenset()


def test_a_new_job_is_on_top_at_once_and_what_lies_below_is_read_again(make_job):
    listing = listings.read(full(make_job), View(), 1, page(make_job, PAGE, PAGE, 250))
    listing = listings.changed(listing, make_job("brand-new", ago_s=-5))
    assert titles(listing, 0, 2) == ["brand-new", "00000"]
    assert (listing.total, listing.lacking(0, 150)) == (251, [1])
    assert listings.counted(listing, QueueStatus(succeeded=251)) is listing


def test_an_old_job_out_of_sight_changes_nothing(make_job):
    listing = full(make_job)
    assert listings.changed(listing, make_job("long-ago", JobState.RUNNING, ago_s=9999)) is listing


def test_when_the_count_differs_what_is_shown_is_read_again(make_job):
    listing = listings.counted(full(make_job), QueueStatus(succeeded=249))
    assert (listing.total, listing.lacking(0, 5)) == (249, [0])


def test_a_job_that_leaves_the_view_is_shown_until_the_page_was_read_again(make_job):
    failed = View("failed")
    job = make_job("a", JobState.FAILED)
    listing = listings.read(Listing(failed, 1), failed, 0, JobPage((job,), {}, None, 1))
    listing = listings.changed(listing, make_job("a", JobState.QUEUED))
    assert (titles(listing, 0, 1), listing.lacking(0, 0)) == (["a"], [0])
    listing = listings.read(listing, failed, 0, JobPage((), {}, None, 0))
    assert (listing.total, listing.lacking(0, 0)) == (0, [])


def test_a_move_changes_the_order_of_turns(make_job):
    turns = View("active")
    listing = listings.read(Listing(turns), turns, 0, JobPage((make_job("a"), make_job("b")), {}, None, 2))
    assert listings.changed(listing, make_job("b", first=True)).lacking(0, 1) == [0]
    assert listings.changed(listing, make_job("new")).lacking(0, 1) == [0]


def test_a_search_grows_until_it_is_complete(make_job):
    view = View(search="new")
    listing = listings.begun(view, [], QueueStatus(succeeded=9))
    assert (listing.total, listing.complete) == (0, False)
    listing = listings.found(listing, view, page(make_job, 0, 3, more="x"))
    assert (listing.total, listing.more, listing.complete) == (3, "x", False)
    listing = listings.found(listing, view, page(make_job, 2, 2))
    assert (titles(listing, 0, 9), listing.complete) == (["00000", "00001", "00002", "00003"], True)

    listing = listings.changed(listing, make_job("new-0", ago_s=-1))
    listing = listings.changed(listing, make_job("other", ago_s=-2))
    assert titles(listing, 0, 2) == ["new-0", "00000"]


def test_a_search_has_an_end(make_job):
    view = View(search="0")
    listing = Listing(view)
    for number in range(MOST_FOUND // PAGE):
        assert not listing.complete
        listing = listings.found(listing, view, page(make_job, number * PAGE, PAGE, more="x"))
    assert (listing.total, listing.complete) == (MOST_FOUND, True)


def test_words_are_looked_for_as_the_daemon_does(make_job):
    job = make_job("Große Straße.txt")
    assert View(search="GROSSE .txt").has(job)
    assert View(search="heart").has(job)
    assert not View(search="große nobody").has(job)
    assert not View("failed").has(job)
