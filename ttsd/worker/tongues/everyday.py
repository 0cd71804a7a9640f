"""Everyday words of Japanese that the dictionary reads in a rarer or stiffer way than people say them, in katakana."""

import re
from collections.abc import Iterator
from typing import Final

from ttsd.worker.tongues.counting import Reading

_TITLE: Final = "(?=さん|様|さま|ちゃん)"
_PEOPLE: Final = "日本|外国|社会|中国|韓国|英国|米国|現代|一般|知識|芸能|有名|地球"
_ALL_OF: Final = "(?<=世界|日本|一日|一年|一晩|今日|明日|今年|今週|今月|部屋)|(?<=[家町街国体])"
_SAID: Final = {
    f"母{_TITLE}": "カア", f"父{_TITLE}": "トウ", f"兄{_TITLE}": "ニイ", f"姉{_TITLE}": "ネエ",
    f"祖父{_TITLE}": "ジイ", f"祖母{_TITLE}": "バア",
    "明日": "アシタ", "明後日": "アサッテ", "一昨日": "オトトイ", "一昨年": "オトトシ", "私": "ワタシ",
    "日本": "ニホン", "三日月": "ミカヅキ", "五分五分": "ゴブゴブ", "百人一首": "ヒャクニンイッシュ",
    "(?<=曜|生)日": "ビ", "(?<=その)後": "ゴ", "何(?=[がをもか])": "ナニ",
    f"(?:(?<=[ァ-ヶー])|(?<={_PEOPLE}))人": "ジン", f"(?:{_ALL_OF})中": "ジュウ",
    "あるいは": "アルイワ", "もしくは": "モシクワ", "こんにちは": "コンニチワ", "こんばんは": "コンバンワ",
}  # fmt: skip
_WORDS: Final = re.compile("|".join(f"({written})" for written in _SAID))
_KANA: Final = tuple(_SAID.values())


def readings(text: str) -> Iterator[Reading]:
    """Those of them that are in `text`."""
    for match in _WORDS.finditer(text):
        assert match.lastindex is not None  # one group for each word
        yield Reading(match.start(), match.end(), _KANA[match.lastindex - 1])
