"""Words that begin sentences, and what goes on after a quotation: how the next words tell whether a sentence ended."""

import re
from typing import Final

from ttsd.text.words import FUNCTION_WORDS

_MORE: Final = {
    "en": """then so now but or no not there here this these those my me come is was nobody nothing everyone every
        all both each after before since while although though however also even only perhaps maybe today tomorrow
        yesterday next later once never always again meanwhile instead yet""",
    "de": """dann danach dort da doch sonst so jetzt mal man alle jeder viele einige keiner niemand nichts gestern bald
        später zuerst zuletzt plötzlich trotzdem deshalb außerdem dieser diese dieses wer was wann es bitte leider""",
    "fr": """puis alors ensuite mais donc car personne rien tout toute tous chaque après avant depuis quand comme si
        hier demain bientôt soudain enfin pourquoi comment lui eux on en y ceci cela voici voilà non""",
    "es": """luego entonces después pero nadie nada todos todas cada antes desde cuando aunque ayer mañana pronto
        siempre nunca así ahora aquí allí eso esto ella ellos ellas él no cómo quién entramos""",
    "pt": """depois então mas ninguém nada todos todas cada antes desde quando embora ontem amanhã logo sempre nunca
        assim agora ali isto eles elas não quem""",
    "it": """poi allora dopo ma nessuno niente tutto tutti tutte ogni prima quando come ieri domani presto sempre
        mai così ora adesso lì qui egli ella essi loro ciò no non""",
    "ru": """я ты он она оно мы вы они это этот эта эти тот та те и а но или да нет не в на с к по из за от до для
        о при потом затем теперь тогда там тут здесь где когда как что кто если все всё его её их мой наш ещё уже
        вот никто ничто сейчас вчера завтра скоро однако поэтому после""",
}
_OPENERS: Final = {
    language: frozenset(_MORE.get(language, "").split()) | FUNCTION_WORDS.get(language, frozenset())
    for language in {*_MORE, *FUNCTION_WORDS}
}
_PARTICLES: Final = "de del della di da dos das do du des dem den van von zu la le les los las lo el al dal"
"""They begin names as well: `G. Della Casa`."""
_DATES: Final = """
    monday tuesday wednesday thursday friday saturday sunday january february march april may june july august
    september october november december est edt cst cdt mst mdt pst pdt gmt utc cet cest bst"""
_NAME_PARTICLES: Final = frozenset(_PARTICLES.split())
_DATE_WORDS: Final = frozenset(_DATES.split())
_WORD: Final = re.compile(r"[^\W\d_]+(?!\.[^\W\d_]|[^\W\d_])")
_CLAUSE: Final = "。，！？；：…、“”「」『』"
_GOES_ON: Final = {
    "zh": re.compile(
        rf"[的地得和与、]|[^{_CLAUSE}\s]{{0,10}}(?:[说說問问喊叫答想吼嚷讲講]|(?<!知)道)[道着了]?(?:[，。！？；：、]|$)"
    ),
    "ja": re.compile(
        r"って|という|なんて|など|とは|とか|[がをにはの](?=[\u4e00-\u9fff、])"
        r"|と(?!ても|ころ|にかく|きどき|うとう|もかく|りあえず|っても)"
    ),
    "ko": re.compile(r"(?:이?라[고며는]|하[고며는]|고|며)(?!\w)"),
    "en": re.compile(
        r"(?:the )?(?:[A-Z][a-z]+ |[a-z]+ ){1,2}"
        r"(?:said|asked|replied|answered|cried|shouted|whispered|called|yelled|added|murmured)\b",
    ),
}
"""What follows a closed quotation that is still part of the sentence."""


def begins_sentence(after: str, language: str, *, names: bool = False) -> bool:
    """Whether the first word of `after` is one that sentences begin with; with `names`, one that names do not."""
    found = _WORD.match(after)
    if not found or (len(found.group()) == 1 and after[1:2] == "."):
        return False
    word = found.group().lower()
    return word in _OPENERS.get(language, _OPENERS["en"]) and not (names and word in _NAME_PARTICLES)


def names_day(after: str) -> bool:
    """Whether `after` goes on with a day, a month or a time zone, as English does after `3 p.m.`"""
    found = _WORD.match(after)
    return bool(found) and found.group().lower() in _DATE_WORDS


def goes_on_after_quote(after: str, language: str) -> bool:
    """Whether `after`, right after a closing quotation mark, belongs to the sentence that the quotation is in."""
    pattern = _GOES_ON.get(language)
    return bool(pattern and pattern.match(after))
