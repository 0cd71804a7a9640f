"""Which Latin-script language a text is in, from its function words; English unless another is clear."""

import re
from collections import Counter
from typing import Final

_WORDS: Final = {
    "en": """the of and to is that it for you with are this be by at have from not they which his her will would there
        their what when who how i he she we if an had been can your my its were please hello thanks yes said says
        about into up out just than them then could should did does don't it's i'm let's these those some any our
        us him because where why here""",
    "de": """der die das und ist nicht ein eine einen einem einer zu den dem des mit von auf für sich es ich du er sie
        wir ihr auch im aus bei nach wie wird werden wurde sind haben habe kann noch nur aber oder dass wenn über um
        vom zum zur heute kommt guten gute sehr wo warum ja nein danke bitte mein dein unser einmal""",
    "fr": """le la les un une des du de et est que qui dans pas sur au aux avec ce cette il elle nous vous ils elles je
        tu se ne sont mais ou où très bien être même aussi tout sa ses ça c'est j'ai n'est qu'il d'un d'une va ici
        bonjour merci oui aujourd'hui quel quelle ma votre notre leur""",
    "es": """el la los las un una unos de del y que en es por con para se lo su al como más pero sus le ya este esta sí
        porque muy sobre también hasta hay donde quien todo nos está están estoy estás cómo qué dónde cuándo bien
        gracias hola buenos buenas días yo usted ustedes mi tu ser tiene hoy""",
    "pt": """o os um uma de da dos das e que em na nos nas é por com para não se mais como mas ao ele ela foi são está
        estão tem seu sua ou ser quando muito já eu também só pelo pela até isso entre depois sem mesmo aos você vocês
        obrigado obrigada olá bem bom tudo hoje meu minha aqui onde""",
    "it": """il lo la gli le un uno una di del della dei delle e è che per con non si da dal sono più ma anche al alla
        ai nel nella ho ha hanno questo questa se ci io tu lui lei noi voi mi ti sul sulla perché molto bene grazie
        ciao buongiorno oggi dove quando chi cosa c'è stai sta essere era""",
}
"""Words that English shares with one of the others (in, was, no, me) are no evidence, and stand nowhere."""
_MARKS: Final = {
    "de": re.compile("[äöüß]"),
    "fr": re.compile("[çœêîôûàèù]|[ld]'"),
    "es": re.compile("[ñ¿¡]|[áíóú]"),
    "pt": re.compile("[ãõçâêô]"),
    "it": re.compile("[àèìòù]"),
}
FUNCTION_WORDS: Final = {language: frozenset(words.split()) for language, words in _WORDS.items()}
_LANGUAGES_OF: Final = {
    word: tuple(language for language, words in FUNCTION_WORDS.items() if word in words)
    for word in frozenset[str]().union(*FUNCTION_WORDS.values())
}
_WORD: Final = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_ENOUGH_CHARS: Final = 4_000


def latin_language(text: str, fallback: str) -> str:
    """The language of Latin-script `text`, or `fallback` where the evidence is not clear.

    Clear means: two different function words of that language (one will do beside `¿` or `¡`), two more than
    of English, and more than of any other. Letters such as é or ü prove nothing: English borrows them with
    words and names; they only decide between languages that share function words.
    """
    sample = text[:_ENOUGH_CHARS].lower().replace("’", "'")
    known = _LANGUAGES_OF.keys() & set(_WORD.findall(sample))
    if not known:
        return fallback
    votes = Counter([language for word in known for language in _LANGUAGES_OF[word]])
    if votes["es"] and ("¿" in sample or "¡" in sample):
        votes["es"] += 1
    ranked = sorted(((n, _marks(language, sample), language) for language, n in votes.items() if n), reverse=True)
    (most, marks, winner), second = ranked[0], ranked[1] if len(ranked) > 1 else (0, 0, "")
    needed = 2 if winner == "en" else 2 + votes["en"]
    return winner if most >= needed and (most, marks) > second[:2] else fallback


def _marks(language: str, sample: str) -> int:
    pattern = _MARKS.get(language)
    return len(pattern.findall(sample)) if pattern else 0
