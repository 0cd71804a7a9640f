"""What Japanese everyday texts sound like, in katakana, with `ー` for the second half of a long vowel."""

import pytest

from ttsd.worker.tongues.japanese import Japanese

NUMBERS = """
四月二十日 シガツハツカ · 九月九日 クガツココノカ · 七月七日 シチガツナノカ · 一月一日 イチガツツイタチ
十四日 ジューヨッカ · 二十四日間 ニジューヨッカカン · 十七日 ジューシチニチ · 一日中 イチニチジュー
三日月 ミカヅキ · 二〇二六年 ニセンニジューロクネン · 九時 クジ · 四時半 ヨジハン · 七時間 シチジカン
九時十五分 クジジューゴフン · 三十分後 サンジュップンゴ · 四分 ヨンプン · 駅まで十分です エキマデジュップンデス
十分です ジューブンデス · 三分の一 サンブンノイチ · 三点五 サンテンゴ · 一週間 イッシューカン · 三本 サンボン
六本 ロッポン · 十本 ジュッポン · 四本 ヨンホン · 三匹 サンビキ · 八冊 ハッサツ · 一杯 イッパイ · 三階 サンガイ
六回 ロッカイ · 十個 ジュッコ · 三軒 サンゲン · 三足 サンゾク · 三ヶ月 サンカゲツ · 一か所 イッカショ
第三回 ダイサンカイ · 三百 サンビャク · 六百円 ロッピャクエン · 八千 ハッセン · 三千四円 サンゼンヨエン
十兆 ジュッチョー · 一千万円 イッセンマンエン · 一人 ヒトリ · 二人 フタリ · 三人 サンニン · 四人家族 ヨニンカゾク
十一人 ジューイチニン · 三人目 サンニンメ · 二十歳 ハタチ · 一つ ヒトツ · 八つ ヤッツ · 九つ ココノツ · 何時 ナンジ
何本 ナンボン · 何百人 ナンビャクニン · 二十パーセント ニジュッパーセント · 〇三の五二 ゼロサンノゴーニー
3本 サンボン
"""
WORDS = """
お母さん オカーサン · お父さん オトーサン · お兄さん オニーサン · 姉ちゃん ネーチャン · お母様 オカーサマ
母は ハハワ · 今日 キョー · 明日 アシタ · 昨日 キノー · 明後日 アサッテ · 一昨日 オトトイ · 月曜日 ゲツヨービ
誕生日 タンジョービ · 日本人 ニホンジン · アメリカ人 アメリカジン · 三人の人 サンニンノヒト · 世界中 セカイジュー
家の中 イエノナカ · 私達 ワタシタチ · 何が ナニガ · 何か ナニカ · 何の ナンノ · こんにちは コンニチワ
それでは ソレデワ · あるいは アルイワ · 空気 クーキ · 大阪 オーサカ · 氷 コーリ · 新潟 ニーガタ · 女王 ジョオー
里親 サトオヤ · 井上 イノウエ · 場合 バアイ · 八百屋 ヤオヤ · 六本木 ロッポンギ · 四国 シコク · 五十嵐 イガラシ
一人暮らし ヒトリグラシ · 四日市 ヨッカイチ
"""


def cases(table: str) -> list[tuple[str, str]]:
    return [
        (text, kana) for text, kana in (case.split() for line in table.split("\n") if line for case in line.split("·"))
    ]


@pytest.fixture(scope="module")
def japanese() -> Japanese:
    return Japanese(lambda word: f"<{word}>")


@pytest.mark.parametrize("table", [NUMBERS, WORDS], ids=["numbers", "words"])
def test_everyday_texts_are_said_as_people_say_them(japanese, table: str):
    said = {text: "".join(word.kana for word in japanese.words(text)) for text, _ in cases(table)}
    assert said == dict(cases(table))


@pytest.mark.parametrize(
    "text", ["千千", "十百", "何何", "〇" * 5000, "十" * 5000, "一万億兆本", "万分の", "目", "十つ", "零"]
)
def test_odd_numerals_are_said_somehow(japanese, text: str):
    assert japanese.phonemes(text + "本。").endswith(".")


@pytest.mark.parametrize(
    ("text", "phonemes"),
    [
        ("今日は", "kʲoːβa"),
        ("東京へ行こうと思う。", "toːkʲoːe ikoːto omoɯ."),
        ("本を読む", "hoɴo jomɯ"),
        ("散歩", "sampo"),
        ("新幹線", "ɕiŋkanseɴ"),
        ("学校", "ɡaʔkoː"),
        ("コーヒー！", "koːçiː!"),
        ("大通り", "oːdoːɾʲi"),
        ("NHKを", "<NHK>o"),
        ("「はい」と", "“hai” to"),
    ],
)
def test_phonemes(japanese, text: str, phonemes: str):
    assert japanese.phonemes(text) == phonemes


def test_kana_readings(japanese):
    assert japanese.reading("とうきょう") == "toːkʲoː"
    assert japanese.reading("ﾄｳｷｮｳ") == "toːkʲoː"
    assert japanese.reading("漢字") == ""
