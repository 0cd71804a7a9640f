"""The page for operators has every fault and its outcome."""

from tests.faults.table import DOCUMENT, rows, rows_of


def test_the_page_has_every_fault_and_its_outcome() -> None:
    found = rows_of(DOCUMENT.read_text())
    assert [row[:-1] for row in found] == [row[:-1] for row in rows({})], "write it anew: python -m tests.faults"
    assert all(row[-1] for row in found), "times are missing"
