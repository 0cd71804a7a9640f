"""What a live session is told when the text in the composer changes."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from ttsd.protocol.speech import Replace, Text
from tui.compose import UNKNOWN, Commit, Script, committed, common, located, passed_over, plan, retracted


def after(sent: str, *phrases: str) -> Script:
    """A script whose phrases the server has committed."""
    script = Script(sent=sent)
    for index, phrase in enumerate(phrases):
        script = committed(script, index, phrase)
    return script


def test_text_at_the_end_is_appended():
    script, message = plan(Script(sent="Hello"), "Hello you")

    assert message == Text(" you")
    assert script.sent == "Hello you"


def test_the_same_text_says_nothing():
    script = Script(sent="Hello")

    assert plan(script, "Hello") == (script, None)


def test_a_backspace_in_what_is_not_committed_replaces_only_that():
    script, message = plan(after("One. Tow", "One. "), "One. To")

    assert message == Replace(1, "To")
    assert [commit.index for commit in script.commits] == [0]


def test_an_edit_inside_a_committed_phrase_replaces_from_that_phrase():
    script, message = plan(after("One. Tow. Three. ", "One. ", "Tow. ", "Three. "), "One. Two. Three. ")

    assert message == Replace(1, "Two. Three. ")
    assert [commit.index for commit in script.commits] == [0]


def test_text_inserted_where_a_phrase_begins_belongs_to_that_phrase():
    _, message = plan(after("One. Three. ", "One. ", "Three. "), "One. Two. Three. ")

    assert message == Replace(1, "Two. Three. ")


def test_everything_deleted_replaces_everything_by_nothing():
    script, message = plan(after("One. Two", "One. "), "")

    assert message == Replace(0, "")
    assert script == Script()


def test_a_phrase_that_is_spoken_differently_is_bounded_by_the_next_one():
    script = after("I am 42. Next. ", "I am forty-two. ")
    assert script.commits == (Commit(0, 0, UNKNOWN),)

    script = committed(script, 1, "Next. ")

    assert script.commits == (Commit(0, 0, 9), Commit(1, 9, 14))


def test_an_edit_after_a_phrase_of_unknown_end_speaks_rather_too_much_than_too_little():
    _, message = plan(after("I am 42. Nxt", "I am forty-two. "), "I am 42. Next")

    assert message == Replace(0, "I am 42. Next")


def test_white_space_between_words_does_not_matter_for_finding_a_phrase():
    script = after("One\n  two. Three", "One two.")

    assert script.commits == (Commit(0, 0, 10),)
    assert script.pending == " Three"


def test_a_withdrawn_phrase_can_come_again_under_its_number():
    script = retracted(after("One. Two. ", "One. ", "Two. "), 1)

    assert committed(script, 1, "Two. ").commits[1] == Commit(1, 5, 10)


def test_an_edit_before_the_sessions_own_text_is_not_spoken():
    script, message = plan(Script(base="Odl text. ", sent="New"), "Old text. New")

    assert message is None
    assert script == Script(base="Old text. ", sent="New")


def test_an_edit_that_reaches_from_before_into_the_sessions_text_begins_at_its_word():
    script, message = plan(Script(base="First words ", sent="and more. "), "First wonders. ")

    assert message == Replace(0, "wonders. ")
    assert script == Script(base="First ", sent="wonders. ")


def test_a_new_session_speaks_only_what_was_added():
    assert passed_over("Said. ", "Said. More") == "Said. "
    assert passed_over("Siad. And more.", "Said. And more.") == "Said. And more."
    assert passed_over("Said. ", "Sai") == "Sai"
    assert passed_over("", "New") == ""


@given(st.text("ab", max_size=40), st.text("ab", max_size=40))
def test_the_common_beginning_is_as_long_as_it_can_be(one: str, other: str):
    length = common(one, other)
    assert one[:length] == other[:length]
    assert one[length : length + 1] != other[length : length + 1] or length == len(one) == len(other)


PHRASE = re.compile(r"[^.]*\. ?")


@settings(max_examples=300)
@given(st.lists(st.text("ab .", max_size=12), min_size=1, max_size=6))
def test_a_server_that_follows_the_messages_ends_with_the_composers_text(texts: list[str]):
    """A model of the session: committed phrases, then what is pending; together they are the text."""
    script = Script()
    phrases: list[str] = []
    pending = ""
    for text in texts:
        script, message = plan(script, text)
        match message:
            case Text(text=added):
                pending += added
            case Replace(from_segment=first, text=new):
                assert first <= len(phrases)
                del phrases[first:]
                pending = new
            case None:
                pass
        while found := PHRASE.match(pending):
            phrases.append(found.group())
            pending = pending[found.end() :]
            script = committed(script, len(phrases) - 1, phrases[-1])
        assert "".join(phrases) + pending == script.base + script.sent == text


def test_a_phrase_is_found_where_it_stands_now():
    text = "Said. Yes.\n  Yes. It was\nso. "
    assert located(text, ["Yes."], 5) == (6, 10)
    assert located(text, ["Yes.", "Yes."], 5) == (13, 17)
    assert located(text, ["Yes.", "gone", "It was so."], 5) == (18, 28)
    assert located(text, ["Said."], 5) == (0, 5)
    assert located(text, ["It was 42."], 0) is None
