"""English words around numbers: months, units, money, abbreviations, kings."""

from typing import Final

from ttsd.text.verbal.lexis import Lexis, Noun

_NAMES: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
SHORT_MONTHS: Final = {name[:3].lower(): name for name in _NAMES if name != "May"} | {"sept": "September"}
MONTHS: Final = {name.lower(): number for number, name in enumerate(_NAMES, 1)} | {
    short: _NAMES.index(name) + 1 for short, name in SHORT_MONTHS.items()
}
DAYS: Final = {
    "mon": "Monday", "tue": "Tuesday", "tues": "Tuesday", "wed": "Wednesday", "thu": "Thursday", "thur": "Thursday",
    "thurs": "Thursday", "fri": "Friday", "sat": "Saturday", "sun": "Sunday",
}  # fmt: skip
TITLED: Final = {
    "prof": "Professor", "rev": "Reverend", "gen": "General", "col": "Colonel", "capt": "Captain", "lt": "Lieutenant",
    "sgt": "Sergeant", "sen": "Senator", "rep": "Representative", "gov": "Governor", "hon": "Honorable",
    "pres": "President", "fr": "Father", "mt": "Mount", "ft": "Fort", "maj": "Major", "adm": "Admiral",
}  # fmt: skip
"""Said in full before a name."""
NUMBERED: Final = {
    "no": "number", "nos": "numbers", "p": "page", "pp": "pages", "vol": "volume", "vols": "volumes", "ch": "chapter",
    "chap": "chapter", "fig": "figure", "figs": "figures", "sec": "section", "art": "article", "eq": "equation",
    "ex": "example", "para": "paragraph", "tel": "telephone", "ext": "extension", "c": "circa", "ca": "circa",
    "approx": "approximately", "rev": "revision", "ver": "version", "op": "opus", "apt": "apartment", "rm": "room",
    "ste": "suite",
}  # fmt: skip
"""Said in full before a number."""
SHORT: Final = {
    "Mr.": "Mister", "Mrs.": "Missus", "Ms.": "Miz", "Mr": "Mister", "Mrs": "Missus", "Ms": "Miz", "Jr.": "Junior",
    "Sr.": "Senior", "Inc.": "Incorporated", "Ltd.": "Limited", "Co.": "Company", "Corp.": "Corporation",
    "Bros.": "Brothers", "Dept.": "Department", "dept.": "department", "Assn.": "Association", "Univ.": "University",
    "Ave.": "Avenue", "Blvd.": "Boulevard", "Rd.": "Road", "Hwy.": "Highway", "Sq.": "Square", "vs.": "versus",
    "vs": "versus", "etc.": "et cetera", "e.g.": "for example", "i.e.": "that is", "cf.": "compare",
    "et al.": "and others", "viz.": "namely", "approx.": "approximately", "est.": "established", "w/o": "without",
    "a.k.a.": "also known as", "Ph.D.": "P H D", "a.m.": "A M", "p.m.": "P M", "misc.": "miscellaneous",
    "incl.": "including", "temp.": "temperature", "min.": "minimum", "max.": "maximum", "avg.": "average",
    "Apt.": "Apartment",
}  # fmt: skip
"""Said so wherever they stand."""
_PLAIN: Final = "the a an in at on to of from for with by and or near visit see this that our my is was"
PLAIN_WORDS: Final = frozenset(_PLAIN.split())
"""With a capital at the start of a sentence they are no names."""
BEFORE_SAINT: Final = frozenset(
    ("mount", "fort", "port", "lake", "east", "west", "north", "south", "cathedral", "church")
)
"""After them comes a saint, capital or not."""
_NUMBERED_NAMES: Final = """
    Henry Louis Elizabeth Charles George William Edward Richard James John Paul Pius Benedict Francis Leo Gregory
    Philip Ferdinand Frederick Napoleon Wilhelm Nicholas Alexander Catherine Peter Ivan Otto Leopold Mary Margaret
    Ramesses Ptolemy Robert Alfonso Carlos Felipe Juan Umberto Gustav Christian Harald Olav Haakon Innocent Clement
    Urban Boniface Sixtus Xerxes Darius Artaxerxes Cyrus Albert Victor Constantine Theodosius Justinian Friedrich
    Maximilian Joseph Franz Karl Rudolf Sigismund Wenceslaus Afonso Pedro Murad Mehmed Selim"""
REGNAL: Final = frozenset(_NUMBERED_NAMES.split())
"""Rulers and popes: their numbers are ordinals."""


def _units() -> dict[str, Noun]:
    """Units by their signs."""
    plain = {
        "km": "kilometer", "m": "meter", "dm": "decimeter", "cm": "centimeter", "mm": "millimeter",
        "µm": "micrometer", "nm": "nanometer", "mi": "mile", "yd": "yard", "ha": "hectare", "l": "liter",
        "L": "liter", "ml": "milliliter", "mL": "milliliter", "cl": "centiliter", "dl": "deciliter",
        "gal": "gallon", "kg": "kilogram", "g": "gram", "mg": "milligram", "µg": "microgram", "t": "ton",
        "lb": "pound", "lbs": "pound", "oz": "ounce", "h": "hour", "hr": "hour", "hrs": "hour", "min": "minute",
        "mins": "minute", "s": "second", "sec": "second", "secs": "second", "ms": "millisecond",
        "µs": "microsecond", "ns": "nanosecond", "°": "degree", "kW": "kilowatt", "W": "watt", "MW": "megawatt",
        "GW": "gigawatt", "kWh": "kilowatt hour", "Wh": "watt hour", "MWh": "megawatt hour", "V": "volt",
        "kV": "kilovolt", "mV": "millivolt", "mA": "milliamp", "Ah": "amp hour", "mAh": "milliamp hour",
        "Ω": "ohm", "kJ": "kilojoule", "cal": "calorie", "kcal": "kilocalorie",
        "Pa": "pascal", "hPa": "hectopascal", "kPa": "kilopascal", "bar": "bar", "dB": "decibel",
        "kB": "kilobyte", "KB": "kilobyte", "MB": "megabyte", "GB": "gigabyte", "TB": "terabyte", "KiB": "kibibyte",
        "MiB": "mebibyte", "GiB": "gibibyte", "kbit": "kilobit", "Mbit": "megabit", "Gbit": "gigabit",
        "px": "pixel", "mol": "mole",
        "tsp": "teaspoon", "tsp.": "teaspoon", "tbsp": "tablespoon", "tbsp.": "tablespoon",
    }  # fmt: skip
    fixed = {
        "ft": ("foot", "feet"), "″": ("inch", "inches"), "Hz": ("hertz", "hertz"), "kHz": ("kilohertz", "kilohertz"),
        "MHz": ("megahertz", "megahertz"), "GHz": ("gigahertz", "gigahertz"), "hp": ("horsepower", "horsepower"),
        "°C": ("degree Celsius", "degrees Celsius"), "℃": ("degree Celsius", "degrees Celsius"),
        "°F": ("degree Fahrenheit", "degrees Fahrenheit"),
        "m²": ("square meter", "square meters"), "m2": ("square meter", "square meters"),
        "km²": ("square kilometer", "square kilometers"), "cm²": ("square centimeter", "square centimeters"),
        "sq ft": ("square foot", "square feet"), "m³": ("cubic meter", "cubic meters"),
        "m3": ("cubic meter", "cubic meters"), "cm³": ("cubic centimeter", "cubic centimeters"),
        "km/h": ("kilometer per hour", "kilometers per hour"), "kph": ("kilometer per hour", "kilometers per hour"),
        "mph": ("mile per hour", "miles per hour"), "m/s²": ("meter per second squared", "meters per second squared"),
        "fps": ("frame per second", "frames per second"), "rpm": ("revolution per minute", "revolutions per minute"),
        "Mbps": ("megabit per second", "megabits per second"), "Gbps": ("gigabit per second", "gigabits per second"),
        "kbps": ("kilobit per second", "kilobits per second"), "dpi": ("dot per inch", "dots per inch"),
        "ppm": ("part per million", "parts per million"), "MP": ("megapixel", "megapixels"),
    }  # fmt: skip
    return {key: Noun(one, f"{one}s") for key, one in plain.items()} | {
        key: Noun(*forms) for key, forms in fixed.items()
    }


LEXIS: Final = Lexis(
    minus="minus",
    plus="plus",
    plus_minus="plus or minus",
    point="point",
    to="to",
    percent="percent",
    per_mille="per mille",
    per="per",
    power="to the power of",
    out_of="out of",
    months=_NAMES,
    signs={
        ".": "dot", "/": "slash", ":": "colon", "-": "dash", "_": "underscore", "?": "question mark", "=": "equals",
        "&": "and", "#": "hash", "@": "at", "~": "tilde", "%": "percent", "+": "plus", ",": "comma", ";": "semicolon",
        "§": "section", "×": "times", "÷": "divided by", "±": "plus or minus", "≈": "approximately",
        "≠": "is not equal to", "≤": "is at most", "≥": "is at least", "−": "minus", "<": "is less than",
        ">": "is greater than", "√": "the square root of", "∞": "infinity",
    },
    units=_units(),
    currencies={
        "USD": Noun("dollar", "dollars"), "EUR": Noun("euro", "euros"), "GBP": Noun("pound", "pounds"),
        "JPY": Noun("yen"), "CNY": Noun("yuan"), "KRW": Noun("won"), "RUB": Noun("ruble", "rubles"),
        "INR": Noun("rupee", "rupees"), "BRL": Noun("real", "reais"), "CHF": Noun("Swiss franc", "Swiss francs"),
    },
    cents={
        "USD": Noun("cent", "cents"), "EUR": Noun("cent", "cents"), "GBP": Noun("penny", "pence"),
        "RUB": Noun("kopek", "kopeks"), "INR": Noun("paisa", "paise"), "BRL": Noun("centavo", "centavos"),
    },
    scales={3: Noun("thousand"), 6: Noun("million"), 9: Noun("billion"), 12: Noun("trillion")},
)  # fmt: skip
