"""The fuzz target's check, on what hypothesis thinks of."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.markup import check

SIGNS = "[]{}()（）*|\\/ pause1.5ms hèじ和漢a\ue000\ue003\U000f0031"


@settings(deadline=None)
@given(st.one_of(st.binary(max_size=80), st.text(SIGNS, max_size=80).map(str.encode)))
def test_nothing_is_lost(data: bytes) -> None:
    check(data)
