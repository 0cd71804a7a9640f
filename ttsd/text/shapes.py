"""How words of the Latin-script languages look: endings and groups of letters, for words that stand in no list."""

import re
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Final

_STRONG: Final = 0.6
"""Two words of such a shape show a language, or one beside an article."""
_WEAK: Final = 0.25
_SHAPES: Final = {
    "en": (
        r"""ings?$ ght ^th ^wh [^éè]ly$ ness$ ful$ ck(?!en$) ould ow[ns]?$ [b-df-hj-np-tv-xz]y$ [aeo]ys?$ ee oo sh th$
        [a-z]w[a-z] [b-df-hj-np-tv-z]ed$ ^kn [rlnt]k$ n't$ 's$""",
        r"[ts]ions?$ ments?$ ers?$ [aeiou]ble$ ous$ ive$ [rlnst]es?$ ^un [lnr]d[es]?$ st$ x [^aeiou]s$ ll$",
    ),
    "de": (
        r"""ung(?:en)?$ keit heit lich isch schaft sch [aeiou]cht ß [äöü] pf tz zw [bdflmnprst]ie[rlbntß]?$
        iert?e?[nst]?$ ^ge.{3,}t$ ^(?:ver|zer|auf|aus|ein|vor).{4,} eit(?:en)?$ ei[ßns] [^aeiou]ig$ chen$
        [^aeiou]kt$""",
        r"[^aeiou]en$ [bdfgkmprst]te[nst]?$ ern$ [aeiou]hr ei eu k[aelnort]",
    ),
    "fr": (
        r"""aient$ eux$ euses?$ eaux?$ ées?$ é[s]?$ [lnst]elles?$ iques?$ ois(?:e|es)?$ ais(?:e|es)?$ [^w]ait$ [^u]ez$
        oi?res?$ ières?$ èmes?$ [aeo]ment$ euil [lnt]eurs?$ œ [bcdfgmprtv]oi[rnst]?[est]?$ ç[aou] [êîûàèë] ^qu'
        ^(?:l|d|j|n|s|c|qu)' (?:ou|ui|ai)ll gne[sz]?$""",
        r"^qu tions?$ ou[rtslv] eu [aei]nt$ ai[rns] er$ [rlnst]es?$ aux?$ ô é",
    ),
    "es": (
        r"""ci[óo]n(?:es)?$ dad(?:es)?$ aba[sn]?$ ñ ^ll [áíóú] é[sn]?$ iendo$ [bcdfgjlmnprstv]ie[nrlmst][a-z]*[aeo]s?$
        [bcdfhjlmnprstv]ue[nrlbdstv] illo?s?$ ^h[aeiou]b[ei] eros?$ z[ao]s?$""",
        r"mente$ [aeiou][rlndtcsm][ao]s$ [ai]d[ao]s?$ ones$ ^des ando$ [aei]r$ [rlntdcm][ao]$ [ae]n$",
    ),
    "pt": (
        r"""ç(?:ão|ões) ã õ [nl]h[aeo] dades?$ age(?:m|ns)$ eir[ao]s?$ [^r]ei$ [^y]ou$ [aei]ram$ [áâ]vel ç [âêô]
        inh[ao]s?$ [lrz]em$ [aei]mo- -(?:se|me|nos|lhe)$ xa[rms]?$ íve[li] éis$ [áéíóú]""",
        r"mente$ [aeiou][rlndtcsm][ao]s$ [ai]d[ao]s?$ ando$ [aei]r$ [rlntdcm][ao]$ [ae]m$ v[ae]l$ oa",
    ),
    "it": (
        r"""zion[ei] agg[io] tà$ cchi gli iamo$ av[oia]no$ evano$ [ìò]$ (?:tt|ss|ll|nn|cc|zz|pp|bb|gg|ff|rr|mm)[oaieòà]$
        [^aeiouhst]gh[ie]$ [a-z]ch[ie]$ ^ch[ie] sc[ei] [^aeiou]ars?i$ quell zz [aeiou]nz[ae]$ [dlrnst]mi$
        ^(?:un|l|d|dell|all|nell|dall|sull|c|quest)' [ai]rono$ [ìò] gna$""",
        r"mente$ [aiu]t[oaie]$ [aeio]$ [rlntdcm][oi]$ [aei]re$ uo [àèù]$",
    ),
}
"""Patterns of each language: what hardly any other has, and what is more frequent in it than elsewhere."""
_PATTERNS: Final = {
    language: (re.compile("|".join(strong.split())), re.compile("|".join(weak.split())))
    for language, (strong, weak) in _SHAPES.items()
}
_NONE: Final[Mapping[str, float]] = MappingProxyType({})
_LEAST, _MOST = 3, 40
"""Letters of a word that has a shape."""


@lru_cache(8_192)
def likeness(word: str) -> Mapping[str, float]:
    """How much `word`, in small letters, looks like each language: 0.6 much, 0.25 a little, more than others do."""
    if not _LEAST <= len(word) <= _MOST:
        return _NONE
    weights: dict[str, float] = {}
    for language, (strong, weak) in _PATTERNS.items():
        if strong.search(word):
            weights[language] = _STRONG
        elif weak.search(word):
            weights[language] = _WEAK
    return weights
