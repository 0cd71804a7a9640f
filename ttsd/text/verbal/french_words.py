"""French words for signs, units, currencies and abbreviations."""

from types import MappingProxyType
from typing import Final

from ttsd.text.verbal.lexis import Lexis, Noun
from ttsd.text.verbal.tables import capitals_too, listed, nouns, words

MONTHS: Final = listed("janvier février mars avril mai juin juillet août septembre octobre novembre décembre")
SHORT_MONTHS: Final = {"janv": 1, "févr": 2, "avr": 4, "juil": 7, "sept": 9, "oct": 10, "nov": 11, "déc": 12}
SERIES: Final = (
    "Louis|Charles|Henri|François|Philippe|Napoléon|Jean|Jean-Paul|Paul|Pie|Léon|Benoît|Grégoire|Clément|Urbain|Innocent"
    "|Boniface|Alexandre|Nicolas|[ÉE]lisabeth|Georges?|[ÉE]douard|Guillaume|Richard|Jacques|Frédéric|Catherine|Pierre"
    "|Albert|Léopold|Baudouin|Ramsès|Ptolémée|Mohammed|Hassan|Guerre mondiale|Vatican|Rocky|Apollo|Paris"
    "|(?i:chapitre|tome|livre|acte|scène|partie|volume|annexe|article|titre|section|phase|type|niveau|classe)"
)
"""Words after which Roman numerals count."""
ABBREVIATIONS: Final = capitals_too(
    words("""
    Mme | Mme. = Madame
    Mmes = Mesdames
    Mlle | Mlle. = Mademoiselle
    Mlles = Mesdemoiselles
    MM. = Messieurs
    Mgr | Mgr. = Monseigneur
    Dr | Dr. = docteur
    Dre = docteure
    etc. = et cetera
    p. ex. | p.ex. = par exemple
    c.-à-d. | càd = c'est-à-dire
    av. J.-C. = avant Jésus-Christ
    apr. J.-C. | ap. J.-C. = après Jésus-Christ
    J.-C. = Jésus-Christ
    env. = environ
    tél. = téléphone
    Tél. = Téléphone
    bd | Bd | bd. | Bd. = boulevard
    cf. = confer
    hab. = habitants
    RDV | rdv = rendez-vous
    SVP | svp | s.v.p. = s'il vous plaît
    N.B. = nota bene
""")
)
TITLES: Final = {
    "M.": "Monsieur",
    "Pr": "professeur",
    "Pr.": "professeur",
    "Me": "maître",
    "St": "Saint",
    "St.": "Saint",
    "Ste": "Sainte",
}
NUMBERED: Final = words("""
    # = numéro
    nº | n° | no = numéro
    nos | nᵒˢ = numéros
    p. = page
    pp. = pages
    art. = article
    chap. | ch. = chapitre
    fig. = figure
    vol. = volume
    t. = tome
    § = paragraphe
""")
LEXIS: Final = Lexis(
    minus="moins",
    plus="plus",
    plus_minus="plus ou moins",
    point="virgule",
    to="à",
    percent="pour cent",
    per_mille="pour mille",
    per="par",
    power="puissance",
    out_of="sur",
    months=MONTHS,
    signs=words("""
        . = point
        / = barre oblique
        : = deux points
        - = tiret
        _ = tiret bas
        ? = point d'interrogation
        = = égale
        & = et
        # = dièse
        @ = arobase
        ~ = tilde
        % = pour cent
        + = plus
        , = virgule
        ; = point-virgule
        × = fois
        ÷ = sur
        ± = plus ou moins
        − = moins
        ≈ = environ
        ≠ = différent de
        ≤ = inférieur ou égal à
        ≥ = supérieur ou égal à
        § = paragraphe
    """),
    units=nouns("""
        km: kilomètre, kilomètres
        m: mètre, mètres
        dm: décimètre, décimètres
        cm: centimètre, centimètres
        mm: millimètre, millimètres
        µm: micromètre, micromètres
        nm: nanomètre, nanomètres
        km² km2: kilomètre carré, kilomètres carrés
        m² m2: mètre carré, mètres carrés
        cm² cm2: centimètre carré, centimètres carrés
        m³ m3: mètre cube, mètres cubes
        cm³ cm3: centimètre cube, centimètres cubes
        ha: hectare, hectares
        t: tonne, tonnes, f
        kg: kilogramme, kilogrammes
        g: gramme, grammes
        mg: milligramme, milligrammes
        µg: microgramme, microgrammes
        l L: litre, litres
        dl dL: décilitre, décilitres
        cl cL: centilitre, centilitres
        ml mL: millilitre, millilitres
        km/h: kilomètre par heure, kilomètres par heure
        m/s: mètre par seconde, mètres par seconde
        °C: degré Celsius, degrés Celsius
        °F: degré Fahrenheit, degrés Fahrenheit
        °: degré, degrés
        h: heure, heures, f
        min: minute, minutes, f
        s: seconde, secondes, f
        ms: milliseconde, millisecondes, f
        Hz: hertz, hertz
        kHz: kilohertz, kilohertz
        MHz: mégahertz, mégahertz
        GHz: gigahertz, gigahertz
        W: watt, watts
        kW: kilowatt, kilowatts
        MW: mégawatt, mégawatts
        kWh: kilowattheure, kilowattheures
        V: volt, volts
        mAh: milliampèreheure, milliampèreheures
        Ω: ohm, ohms
        kcal: kilocalorie, kilocalories, f
        dB: décibel, décibels
        hPa: hectopascal, hectopascals
        ko kB: kilooctet, kilooctets
        Mo MB: mégaoctet, mégaoctets
        Go GB: gigaoctet, gigaoctets
        To TB: téraoctet, téraoctets
        ft: pied, pieds
        ″: pouce, pouces
    """),
    currencies=nouns("""
        EUR: euro, euros
        USD: dollar, dollars
        GBP: livre sterling, livres sterling, f
        JPY: yen, yens
        CNY: yuan, yuans
        KRW: won, wons
        RUB: rouble, roubles
        INR: roupie, roupies, f
        BRL: réal, réals
        CHF: franc suisse, francs suisses
    """),
    cents=nouns("""
        EUR CHF: centime, centimes
        USD: cent, cents
        GBP: penny, pence
        RUB: kopeck, kopecks
        BRL: centavo, centavos
    """),
    scales=MappingProxyType(
        {
            3: Noun("mille", "mille"),
            6: Noun("million", "millions"),
            9: Noun("milliard", "milliards"),
            12: Noun("billion", "billions"),
        }
    ),
)
