"""Where sentences end, in ten languages; `|` stands at each boundary."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ttsd.protocol.speech import LANGUAGES
from ttsd.text.segment import sentences

TABLE = [
    ("en", "Dr. Smith met Mr. Jones at 3 p.m. on Jan. 5th. |They talked. |Then they left."),
    ("en", "Use a tool, e.g. a saw, i.e. the sharp one. |Pi is 3.14, vs. 3.1416 in No. 7."),
    ("en", "J. R. R. Tolkien was there... |No? |Yes! |See https://example.com/a.html. |Then go."),
    ("en", 'He said "Stop. Now!" and left. |Inc. and Ltd. are abbreviations. |The U.S. economy grew.'),
    ("en", "Version 2.0.1 costs $3.50. |OK. |She asked “is it?” and left. |Wait… what?"),
    ("en", "1. First item. |2. Second item."),
    ("en", "He said no. |Then he sat. |It was I."),
    ("zh", "你好。|今天天气很好！|你去哪儿？|价格是3.14元。|再见"),
    ("zh", "“我去北京。”|他说。|真的吗？！|网址是example.com。"),
    ("ja", "「これはテストです。」と彼は言った。|今日は晴れです！|本当？|はい。"),
    ("ja", "値段は3.5万円です。|「行こう。」|そうですね。"),
    ("ko", "안녕하세요. |오늘 날씨가 좋네요! |3.14는 원주율입니다. |어디 가세요?"),
    ("ko", "네. |좋아요. |그럼 가요."),
    ("de", "Dr. Müller kam am 5. Januar. |Es kostet z. B. 3,50 Euro. |Das ist, d.h. war, gut."),
    ("de", "Am 3. Okt. war es so weit. |Prof. Dr. Meier usw. gehen. |Ja! |Die Nr. 7 lebt."),
    ("fr", "M. Dupont est là. |Mme. Durand, p. ex., dort. |Il est trois heures. |Ça va ?"),
    ("fr", "« Bonjour », dit-elle. |C'est l'an 1.200. |Et alors ?"),
    ("ru", "Привет, как дела? |Это т. е. пример. |А. С. Пушкин родился в 1799 г. в Москве. |Да."),
    ("ru", "Он живёт на ул. Ленина. |Стоит 3,5 руб. за штуку. |Хорошо!"),
    ("pt", "O Sr. Silva chegou. |A Dra. Costa disse: «Olá.» |Custa 3.14 reais. |Tudo bem?"),
    ("es", "¿Cómo estás? |Estoy bien, gracias. |El Sr. López llegó a las 3 p.m. |¡Qué bien!"),
    ("es", "Vive en EE. UU. desde 1990. |La Sra. Ruiz también. |¿Y usted?"),
    ("it", "Il dott. Rossi è qui. |Il sig. Bianchi, ecc. non c'è. |Costa 3,14 euro. |Come stai? |Bene!"),
]


@pytest.mark.parametrize(("language", "marked"), TABLE)
def test_boundaries(language, marked):
    assert "|".join(sentences(marked.replace("|", ""), language)) == marked


@given(st.sampled_from(sorted(LANGUAGES)), st.text("ab C.!?…。！？「」“”\"'()， ,;:1 2é한あ", max_size=80))
def test_nothing_is_lost_and_nothing_is_empty(language, text):
    found = list(sentences(text, language))
    assert "".join(found) == text
    assert all(found)


def test_a_long_text_is_cut_as_its_parts_are():
    """Longer than the window that the library is given at once."""
    sentence = "今天天气很好，我们去公园。"
    assert list(sentences(sentence * 1000, "zh")) == [sentence] * 1000
