"""German words around numbers: months, units, money, abbreviations, articles."""

from typing import Final

from ttsd.text.verbal.lexis import Lexis, Noun

_NAMES: Final = (
    "Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November",
    "Dezember",
)  # fmt: skip
MONTHS: Final = {name.lower(): number for number, name in enumerate(_NAMES, 1)} | {
    "jan": 1, "jän": 1, "jänner": 1, "feb": 2, "mär": 3, "mrz": 3, "apr": 4, "jun": 6, "jul": 7, "aug": 8, "sep": 9,
    "sept": 9, "okt": 10, "nov": 11, "dez": 12,
}  # fmt: skip
SHORT_MONTHS: Final = {short: _NAMES[MONTHS[short] - 1] for short in MONTHS if len(short) <= 4 and short != "mai"}
DAYS: Final = {
    "mo": "Montag", "di": "Dienstag", "mi": "Mittwoch", "do": "Donnerstag", "fr": "Freitag", "sa": "Samstag",
    "so": "Sonntag",
}  # fmt: skip
NUMBERED: Final = {
    "nr": "Nummer", "nrn": "Nummern", "s": "Seite", "bd": "Band", "kap": "Kapitel", "abb": "Abbildung", "abs": "Absatz",
    "art": "Artikel", "tab": "Tabelle", "ziff": "Ziffer", "aufl": "Auflage", "hnr": "Hausnummer", "anm": "Anmerkung",
    "rn": "Randnummer", "bl": "Blatt", "jg": "Jahrgang",
}  # fmt: skip
"""Said in full before a number."""
SHORT: Final = {
    "z. B.": "zum Beispiel", "z.B.": "zum Beispiel", "d. h.": "das heißt", "d.h.": "das heißt",
    "u. a.": "unter anderem", "u.a.": "unter anderem", "usw.": "und so weiter", "bzw.": "beziehungsweise",
    "etc.": "et cetera", "ca.": "circa", "evtl.": "eventuell", "ggf.": "gegebenenfalls", "inkl.": "inklusive",
    "exkl.": "exklusive", "zzgl.": "zuzüglich", "abzgl.": "abzüglich", "Dr.": "Doktor", "Prof.": "Professor",
    "Hr.": "Herr", "Hrn.": "Herrn", "Fr.": "Frau", "Str.": "Straße", "St.": "Sankt", "vgl.": "vergleiche",
    "v. Chr.": "vor Christus", "v.Chr.": "vor Christus", "n. Chr.": "nach Christus", "n.Chr.": "nach Christus",
    "i. d. R.": "in der Regel", "i.d.R.": "in der Regel", "m. E.": "meines Erachtens", "o. Ä.": "oder Ähnliches",
    "u. Ä.": "und Ähnliches", "s. o.": "siehe oben", "s. u.": "siehe unten", "z. T.": "zum Teil", "z.T.": "zum Teil",
    "z. Zt.": "zur Zeit", "u. U.": "unter Umständen", "v. a.": "vor allem", "v.a.": "vor allem",
    "o. g.": "oben genannt", "sog.": "sogenannt", "geb.": "geboren", "gest.": "gestorben", "Jh.": "Jahrhundert",
    "Jhs.": "Jahrhunderts", "MwSt.": "Mehrwertsteuer", "Mwst.": "Mehrwertsteuer", "Tel.": "Telefon",
    "Mio.": "Millionen", "Mrd.": "Milliarden", "Tsd.": "Tausend", "a. D.": "außer Dienst", "d. J.": "dieses Jahres",
    "k. A.": "keine Angabe", "max.": "maximal", "min.": "mindestens", "mind.": "mindestens", "gem.": "gemäß",
    "lt.": "laut", "bspw.": "beispielsweise", "allg.": "allgemein", "insb.": "insbesondere", "Abt.": "Abteilung",
    "Co.": "Co", "Ing.": "Ingenieur", "Dipl.": "Diplom", "Bhf.": "Bahnhof", "Hbf.": "Hauptbahnhof", "Pl.": "Platz",
    "u. v. m.": "und vieles mehr", "u.v.m.": "und vieles mehr", "i. A.": "im Auftrag", "zz.": "zurzeit",
}  # fmt: skip
"""Said so wherever they stand."""
_NO_NOUNS: Final = """
    Dann Und Aber Ich Er Sie Es Wir Ihr Du Der Die Das Den Dem Ein Eine Einen In Im Am An Auf Aus Bei Mit Nach Von Vom
    Zu Zum Zur Vor Für Um Bis So Da Doch Denn Wenn Als Wie Was Wer Wo Warum Nur Auch Noch Nicht Kein Keine Dies Diese
    Dieser Dieses Das Damit Danach Heute Gestern Morgen Jetzt Hier Dort Mein Sein Seine Ihre Unser Man Alle Viele"""
NO_NOUNS: Final = frozenset(_NO_NOUNS.split())
"""After a number and a full stop they begin a new sentence."""
_FEMININE: Final = """
    Bundesliga Liga Klasse Auflage Halbzeit Etage Woche Runde Stelle Ausgabe Person Reihe Stunde Staffel Frage Minute
    Sekunde Million Milliarde Billion Stufe Seite Frau Stadt Stimme Karte Flasche Tasse Kugel Nacht Folge Ebene
    Phase Welle Tonne Katze Tochter Schwester Mutter Etappe Reise Straße Aufgabe Art Idee Hand"""
FEMININE: Final = frozenset(_FEMININE.split())
FEMININE_ENDINGS: Final = (
    "ung",
    "heit",
    "keit",
    "schaft",
    "tion",
    "tät",
    "enz",
    "anz",
    "ik",
    "liga",
    "klasse",
    "woche",
    "erin",
    "istin",
    "entin",
    "undin",
    "katze",
)
_NEUTER: Final = """
    Kind Mal Jahr Haus Buch Spiel Tor Kapitel Quartal Semester Halbjahr Jahrhundert Jahrzehnt Jahrtausend Bild Gebot
    Stockwerk Land Wort Bier Glas Stück Prozent Kilo Gramm Drittel Viertel Zimmer Team Rennen Treffen Album Gesetz"""
NEUTER: Final = frozenset(_NEUTER.split())
NEUTER_ENDINGS: Final = ("chen", "lein", "ment", "jahr", "haus", "spiel", "kapitel", "jahrhundert")
_QUEENS: Final = "Elisabeth Elizabeth Katharina Maria Margarethe Margrethe Victoria Johanna Beatrix Christina Anna"
QUEENS: Final = frozenset(_QUEENS.split())


def _units() -> dict[str, Noun]:
    """Units by their signs; most are the same in the plural."""
    masculine = {
        "km": "Kilometer", "m": "Meter", "dm": "Dezimeter", "cm": "Zentimeter", "mm": "Millimeter",
        "µm": "Mikrometer", "nm": "Nanometer", "l": "Liter", "L": "Liter", "ml": "Milliliter", "cl": "Zentiliter",
        "dl": "Deziliter", "hl": "Hektoliter", "°": "Grad", "°C": "Grad Celsius", "℃": "Grad Celsius",
        "°F": "Grad Fahrenheit", "m²": "Quadratmeter", "m2": "Quadratmeter", "qm": "Quadratmeter",
        "km²": "Quadratkilometer", "cm²": "Quadratzentimeter", "m³": "Kubikmeter", "m3": "Kubikmeter",
        "cm³": "Kubikzentimeter", "″": "Zoll", "ft": "Fuß", "ha": "Hektar", "km/h": "Kilometer pro Stunde",
        "m/s": "Meter pro Sekunde", "px": "Pixel", "EL": "Esslöffel", "TL": "Teelöffel",
    }  # fmt: skip
    neuter = {
        "kg": "Kilogramm", "g": "Gramm", "mg": "Milligramm", "µg": "Mikrogramm", "Hz": "Hertz", "kHz": "Kilohertz",
        "MHz": "Megahertz", "GHz": "Gigahertz", "W": "Watt", "kW": "Kilowatt", "MW": "Megawatt", "GW": "Gigawatt",
        "V": "Volt", "kV": "Kilovolt", "mV": "Millivolt", "mA": "Milliampere", "Ω": "Ohm", "kJ": "Kilojoule",
        "Pa": "Pascal", "hPa": "Hektopascal", "kPa": "Kilopascal", "bar": "Bar", "dB": "Dezibel", "kB": "Kilobyte",
        "KB": "Kilobyte", "MB": "Megabyte", "GB": "Gigabyte", "TB": "Terabyte", "kbit": "Kilobit", "Mbit": "Megabit",
        "Gbit": "Gigabit", "PS": "PS", "Pfd.": "Pfund", "mol": "Mol",
    }  # fmt: skip
    feminine = {
        "h": "Stunde", "Std.": "Stunde", "min": "Minute", "Min.": "Minute", "s": "Sekunde", "Sek.": "Sekunde",
        "sek": "Sekunde", "ms": "Millisekunde", "t": "Tonne", "kWh": "Kilowattstunde", "Wh": "Wattstunde",
        "MWh": "Megawattstunde", "mAh": "Milliamperestunde", "kcal": "Kilokalorie", "cal": "Kalorie", "mi": "Meile",
    }  # fmt: skip
    return (
        {key: Noun(name, gender="masculine") for key, name in masculine.items()}
        | {key: Noun(name, gender="neuter") for key, name in neuter.items()}
        | {key: Noun(name, f"{name}n", "feminine") for key, name in feminine.items()}
        | {"mph": Noun("Meile pro Stunde", "Meilen pro Stunde", "feminine")}
    )


LEXIS: Final = Lexis(
    minus="minus",
    plus="plus",
    plus_minus="plus minus",
    point="Komma",
    to="bis",
    percent="Prozent",
    per_mille="Promille",
    per="pro",
    power="hoch",
    out_of="von",
    months=_NAMES,
    signs={
        ".": "Punkt", "/": "Schrägstrich", ":": "Doppelpunkt", "-": "Bindestrich", "_": "Unterstrich",
        "?": "Fragezeichen", "=": "gleich", "&": "und", "#": "Raute", "@": "ät", "~": "Tilde", "%": "Prozent",
        "+": "plus", ",": "Komma", ";": "Semikolon", "§": "Paragraf", "×": "mal", "÷": "geteilt durch",
        "±": "plus minus", "≈": "ungefähr", "≠": "ungleich", "≤": "kleiner gleich", "≥": "größer gleich",
        "−": "minus", "·": "mal",
    },
    units=_units(),
    currencies={
        "EUR": Noun("Euro", gender="masculine"), "USD": Noun("Dollar", gender="masculine"),
        "GBP": Noun("Pfund", gender="neuter"), "JPY": Noun("Yen", gender="masculine"),
        "CNY": Noun("Yuan", gender="masculine"), "KRW": Noun("Won", gender="masculine"),
        "RUB": Noun("Rubel", gender="masculine"), "INR": Noun("Rupie", "Rupien", "feminine"),
        "BRL": Noun("Real", "Reais", "masculine"), "CHF": Noun("Franken", gender="masculine"),
    },
    cents={
        "EUR": Noun("Cent", gender="masculine"), "USD": Noun("Cent", gender="masculine"),
        "GBP": Noun("Penny", "Pence", "masculine"), "CHF": Noun("Rappen", gender="masculine"),
        "RUB": Noun("Kopeke", "Kopeken", "feminine"),
    },
    scales={
        3: Noun("Tausend", gender="neuter"), 6: Noun("Million", "Millionen", "feminine"),
        9: Noun("Milliarde", "Milliarden", "feminine"), 12: Noun("Billion", "Billionen", "feminine"),
    },
    version="Version",
    version_point="Punkt",
    hashtag="Hashtag",
)  # fmt: skip
