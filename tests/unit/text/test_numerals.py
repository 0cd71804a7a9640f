"""Number words that agree: against facts of grammar, and what holds for all of them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ttsd.text.verbal.numerals import LIMIT, es, fr, it, pt, ru

BELOW_LIMIT = st.integers(0, LIMIT - 1)


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "zéro"), (17, "dix-sept"), (21, "vingt et un"), (70, "soixante-dix"), (71, "soixante et onze"),
        (72, "soixante-douze"), (80, "quatre-vingts"), (81, "quatre-vingt-un"), (91, "quatre-vingt-onze"),
        (100, "cent"), (200, "deux cents"), (201, "deux cent un"), (1000, "mille"), (80_000, "quatre-vingt mille"),
        (200_000, "deux cent mille"), (80_000_000, "quatre-vingts millions"), (200_000_000, "deux cents millions"),
        (1_000_001, "un million un"), (2_000_000_000, "deux milliards"),
    ],
)  # fmt: skip
def test_french(number, words):
    assert fr.cardinal(number) == words


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (1, "premier"), (4, "quatrième"), (5, "cinquième"), (9, "neuvième"), (21, "vingt et unième"),
        (80, "quatre-vingtième"), (81, "quatre-vingt-unième"), (101, "cent unième"), (200, "deux centième"),
        (1000, "millième"),
    ],
)  # fmt: skip
def test_french_ordinals(number, words):
    assert fr.ordinal(number) == words


@pytest.mark.parametrize(
    ("number", "one", "words"),
    [
        (1, "uno", "uno"), (21, "un", "veintiún"), (21, "una", "veintiuna"), (31, "un", "treinta y un"),
        (100, "una", "cien"), (101, "una", "ciento una"), (200, "una", "doscientas"), (200, "un", "doscientos"),
        (1000, "uno", "mil"), (21_000, "una", "veintiún mil"), (200_000, "una", "doscientas mil"),
        (31_021, "uno", "treinta y un mil veintiuno"), (1_000_000, "uno", "un millón"),
        (21_000_000, "uno", "veintiún millones"), (10**9, "uno", "mil millones"), (10**12, "uno", "un billón"),
    ],
)  # fmt: skip
def test_spanish(number, one, words):
    assert es.cardinal(number, one) == words


def test_spanish_ordinals_are_short_before_a_noun():
    assert [es.ordinal(n, short=True) for n in (1, 3, 4, 13, 21)] == [
        "primer", "tercer", "cuarto", "decimotercer", "vigésimo primer",
    ]  # fmt: skip
    assert [es.ordinal(n) for n in (11, 12, 20, 99, 100)] == [
        "undécimo", "duodécimo", "vigésimo", "nonagésimo noveno", "centésimo",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("number", "feminine", "words"),
    [
        (2, True, "duas"), (16, False, "dezesseis"), (22, True, "vinte e duas"), (100, False, "cem"),
        (101, False, "cento e um"), (200, True, "duzentas"), (1100, False, "mil e cem"),
        (1101, False, "mil cento e um"), (2024, False, "dois mil e vinte e quatro"), (2000, True, "duas mil"),
        (1_000_100, False, "um milhão e cem"), (2_500_000, False, "dois milhões e quinhentos mil"),
        (10**9, False, "um bilhão"),
    ],
)  # fmt: skip
def test_portuguese(number, feminine, words):
    assert pt.cardinal(number, feminine) == words


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (3, "tre"), (21, "ventuno"), (23, "ventitré"), (28, "ventotto"), (101, "centouno"), (103, "centotré"),
        (108, "centotto"), (118, "centodiciotto"), (180, "centottanta"), (1000, "mille"), (2003, "duemilatré"),
        (21_000, "ventunomila"), (1_000_023, "un milione ventitré"), (2_000_000, "due milioni"),
    ],
)  # fmt: skip
def test_italian(number, words):
    assert it.cardinal(number) == words


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (1, "primo"), (10, "decimo"), (11, "undicesimo"), (13, "tredicesimo"), (16, "sedicesimo"), (20, "ventesimo"),
        (21, "ventunesimo"), (23, "ventitreesimo"), (26, "ventiseiesimo"), (100, "centesimo"), (110, "centodecimo"),
        (1000, "millesimo"), (2000, "duemillesimo"),
    ],
)  # fmt: skip
def test_italian_ordinals(number, words):
    assert it.ordinal(number) == words


@pytest.mark.parametrize(
    ("number", "gender", "case", "words"),
    [
        (1, "n", ru.NOMINATIVE, "одно"), (2, "f", ru.NOMINATIVE, "две"), (2, "f", ru.GENITIVE, "двух"),
        (8, "m", ru.INSTRUMENTAL, "восемью"), (21, "m", ru.LOCATIVE, "двадцати одном"),
        (40, "m", ru.GENITIVE, "сорока"), (50, "m", ru.INSTRUMENTAL, "пятьюдесятью"), (90, "m", ru.DATIVE, "девяноста"),
        (200, "m", ru.DATIVE, "двумстам"), (300, "m", ru.INSTRUMENTAL, "тремястами"),
        (500, "m", ru.LOCATIVE, "пятистах"), (800, "m", ru.GENITIVE, "восьмисот"), (1000, "m", ru.NOMINATIVE, "тысяча"),
        (2024, "m", ru.GENITIVE, "двух тысяч двадцати четырёх"), (1_000_000, "m", ru.NOMINATIVE, "один миллион"),
        (3_000_005, "m", ru.NOMINATIVE, "три миллиона пять"), (21_000, "m", ru.NOMINATIVE, "двадцать одна тысяча"),
    ],
)  # fmt: skip
def test_russian(number, gender, case, words):
    assert ru.cardinal(number, gender, case) == words


@pytest.mark.parametrize(
    ("number", "gender", "case", "words"),
    [
        (3, "f", ru.GENITIVE, "третьей"), (4, "m", ru.NOMINATIVE, "четвёртый"), (6, "n", ru.NOMINATIVE, "шестое"),
        (21, "m", ru.LOCATIVE, "двадцать первом"), (40, "m", ru.LOCATIVE, "сороковом"),
        (100, "f", ru.NOMINATIVE, "сотая"), (200, "m", ru.NOMINATIVE, "двухсотый"),
        (1000, "m", ru.NOMINATIVE, "тысячный"),
        (1990, "pl", ru.LOCATIVE, "тысяча девятьсот девяностых"), (2000, "m", ru.LOCATIVE, "двухтысячном"),
        (2024, "m", ru.GENITIVE, "две тысячи двадцать четвёртого"), (5000, "m", ru.NOMINATIVE, "пятитысячный"),
        (100_000, "m", ru.NOMINATIVE, "стотысячный"), (21_000, "m", ru.NOMINATIVE, "двадцатиоднотысячный"),
    ],
)  # fmt: skip
def test_russian_ordinals(number, gender, case, words):
    assert ru.ordinal(number, gender, case) == words


@given(BELOW_LIMIT, st.booleans(), st.sampled_from("mfn"), st.integers(0, 5))
def test_every_number_has_words(number, feminine, gender, case):
    said = [
        fr.cardinal(number, feminine), es.cardinal(number, "una" if feminine else "uno"), pt.cardinal(number, feminine),
        it.cardinal(number), ru.cardinal(number, gender, case),
    ]  # fmt: skip
    assert all(re.fullmatch(r"[^\W\d_]+(?:[ -][^\W\d_]+)*", words) for words in said)


@given(st.integers(1, 999), st.booleans(), st.sampled_from(["m", "f", "n", "pl"]), st.integers(0, 5))
def test_every_small_number_has_an_ordinal(number, feminine, gender, case):
    said = [
        fr.ordinal(number, feminine), es.ordinal(number, feminine), es.ordinal(number, short=True),
        pt.ordinal(number, feminine), it.ordinal(number, feminine), ru.ordinal(number, gender, case),
    ]  # fmt: skip
    assert all(re.fullmatch(r"[^\W\d_]+(?:[ -][^\W\d_]+)*", words) for words in said)


@given(BELOW_LIMIT, BELOW_LIMIT)
def test_two_numbers_never_sound_alike(one, other):
    for cardinal in (fr.cardinal, es.cardinal, pt.cardinal, it.cardinal, ru.cardinal):
        assert (cardinal(one) == cardinal(other)) == (one == other)
