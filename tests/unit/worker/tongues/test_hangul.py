"""Korean words as they are said, by the examples of the rules of Standard Korean Pronunciation."""

import pytest

from ttsd.worker.tongues import hangul
from ttsd.worker.tongues.korean import Korean

EXAMPLES = """
닦다 닥따, 키읔 키윽, 옷 옫, 있다 읻따, 꽃 꼳, 앞 압, 넋 넉, 앉다 안따,
여덟 여덜, 외곬 외골, 값 갑, 닭 닥, 삶 삼, 읊다 읍따, 맑게 말께,
놓고 노코, 좋던 조턴, 많고 만코, 닳지 달치, 각하 가카, 먹히다 머키다,
밝히다 발키다, 맏형 마텽, 좁히다 조피다, 넓히다 널피다, 꽂히다 꼬치다, 앉히다 안치다,
닿소 다쏘, 많소 만쏘, 싫소 실쏘, 놓는 논는, 쌓네 싼네, 않네 안네, 뚫네 뚤레,
낳은 나은, 많아 마나, 싫어도 시러도, 못하다 모타다, 전화 전화,
깎아 까까, 옷이 오시, 있어 이써, 꽃을 꼬츨, 밭에 바테, 앞으로 아프로, 넋이 넉씨,
앉아 안자, 닭을 달글, 젊어 절머, 곬이 골씨, 핥아 할타, 읊어 을퍼, 값을 갑쓸,
없어 업써, 강아지 강아지,
굳이 구지, 미닫이 미다지, 땀받이 땀바지, 밭이 바치, 벼훑이 벼훌치, 닫히다 다치다,
같이 가치,
먹는 멍는, 국물 궁물, 깎는 깡는, 키읔만 키응만, 닫는 단는, 있는 인는, 맞는 만는,
쫓는 쫀는, 밥물 밤물, 앞마당 암마당, 없는 엄는, 담력 담녁, 강릉 강능, 막론 망논,
협력 혐녁, 십리 심니, 난로 날로, 신라 실라, 칼날 칼랄, 줄넘기 줄럼기,
국밥 국빱, 깎다 깍따, 닭장 닥짱, 옷고름 옫꼬름, 있던 읻떤, 꽃다발 꼳따발,
앞치마 압치마, 값지다 갑찌다, 앉고 안꼬, 닮고 담꼬, 넓게 널께, 핥다 할따,
학교 학꾜, 읽고 일꼬,
십육 심뉵, 백육십 뱅뉵씹, 이십오 이시보,
"""
"""Ends of syllables, ㅎ, what goes over to a vowel, ㅈ and ㅊ, nasals and liquids, tense sounds, figures."""


@pytest.mark.parametrize(("written", "said"), [pair.split() for pair in EXAMPLES.split(",") if pair.strip()])
def test_words_as_they_are_said(written, said):
    assert hangul.said(written) == said


def test_what_is_not_hangul_stays_and_saying_goes_word_by_word():
    assert hangul.said("옷 안, OK!") == "옫 안, OK!"


@pytest.mark.parametrize(
    ("said", "sounds"),
    [
        ("바다", "pada"),
        ("감기", "kamɡi"),
        ("학꾜", "hakʔkjo"),
        ("실라", "ɕilla"),
        ("의사", "ɯisa"),
        ("히망", "himaŋ"),
        ("가저", "kaʥʌ"),
        ("시계", "ɕiɡe"),
    ],
)
def test_sounds(said, sounds):
    assert hangul.phonemes(said) == sounds


def test_a_text_keeps_its_marks_and_letters():
    korean = Korean(lambda word: f"<{word}>")
    assert korean.phonemes("안녕하세요, 「네」 OK! ☺") == "annjʌŋhasejo, “ne”  <OK> !"


def test_every_syllable_has_a_sound():
    letters = [chr(code) for code in range(0xAC00, 0xD7A4)]
    assert all(hangul.phonemes(hangul.said(letter)) for letter in letters)
