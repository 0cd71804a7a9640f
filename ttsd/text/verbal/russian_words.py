"""Russian words for signs, units, currencies and abbreviations."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from ttsd.text.verbal.lexis import Lexis, Noun
from ttsd.text.verbal.russian_nouns import Counted
from ttsd.text.verbal.tables import capitals_too, listed, words

MONTHS: Final = listed("января февраля марта апреля мая июня июля августа сентября октября ноября декабря")
ABBREVIATIONS: Final = capitals_too(
    words("""
    т. е. | т.е. = то есть
    Т. е. | Т.е. = То есть
    т. к. | т.к. = так как
    т. д. | т.д. = так далее
    т. п. | т.п. = тому подобное
    т. н. | т.н. = так называемый
    т. о. | т.о. = таким образом
    и др. = и другие
    и пр. = и прочее
    до н. э. | до н.э. = до нашей эры
    н. э. | н.э. = нашей эры
    напр. = например
    Напр. = Например
    проф. = профессор
    акад. = академик
    доц. = доцент
    тов. = товарищ
    г-н = господин
    г-жа = госпожа
    ок. = около
    тел. = телефон
    Тел. = Телефон
    обл. = область
    пр-т = проспект
    наб. = набережная
    р-н = район
    гос-во = государство
    кол-во = количество
    ж/д = железнодорожный
    и. о. | и.о. = исполняющий обязанности
    СПб = Санкт-Петербург
    США = эс ша а
    РФ = эр эф
    ср. = сравни
    ред. = редактор
    изд. = издание
    соч. = сочинение
    прим. = примечание
    макс. = максимум
    вкл. = включительно
""")
)
NUMBERED: Final[Mapping[str, str]] = words("""
    стр. | с. = страница страницы странице страницу страницей странице
    рис. = рисунок рисунка рисунку рисунок рисунком рисунке
    табл. = таблица таблицы таблице таблицу таблицей таблице
    гл. = глава главы главе главу главой главе
    т. = том тома тому том томом томе
    п. = пункт пункта пункту пункт пунктом пункте
    ст. = статья статьи статье статью статьёй статье
    д. = дом дома дому дом домом доме
    кв. = квартира квартиры квартире квартиру квартирой квартире
    корп. = корпус корпуса корпусу корпус корпусом корпусе
    оф. = офис офиса офису офис офисом офисе
    № | # = номер номера номеру номер номером номере
    №№ = номера номеров номерам номера номерами номерах
""")
"""What is short for a noun before a number, in six cases."""
NAMED: Final[Mapping[str, str]] = words("""
    г. = город города городу город городом городе
    ул. = улица улицы улице улицу улицей улице
    Ул. = Улица улицы улице улицу улицей улице
    пос. = посёлок посёлка посёлку посёлок посёлком посёлке
    дер. = деревня деревни деревне деревню деревней деревне
    р. = река реки реке реку рекой реке
    пр. | просп. = проспект проспекта проспекту проспект проспектом проспекте
    пер. = переулок переулка переулку переулок переулком переулке
    пл. = площадь площади площади площадь площадью площади
    оз. = озеро озера озеру озеро озером озере
    о. = остров острова острову остров островом острове
    им. = имени имени имени имени имени имени
    св. = святой святого святому святой святым святом
""")
"""The same before a name."""

THOUSANDS: Final[Mapping[int, Counted]] = MappingProxyType(
    {
        3: Counted("тысяч", "ча"),
        6: Counted("миллион", "m"),
        9: Counted("миллиард", "m"),
        12: Counted("триллион", "m"),
    }
)
SCALES: Final[Mapping[str, int]] = MappingProxyType(
    {f"{word}{dot}": power for word, power in {"тыс": 3, "млн": 6, "млрд": 9, "трлн": 12}.items() for dot in ("", ".")}
    | dict.fromkeys(["тысяча", "тысячи", "тысяч"], 3)
    | dict.fromkeys(["миллион", "миллиона", "миллионов"], 6)
    | dict.fromkeys(["миллиард", "миллиарда", "миллиардов"], 9)
)
CUT_SCALES: Final = tuple(key for key in SCALES if not key.endswith(("а", "и", "ч", "н")) or key in {"млн", "трлн"})
"""Those that are no words yet: read with their number whatever follows."""
SCALED: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        f"{scale} {unit}": (scale, unit)
        for scale in CUT_SCALES
        for unit in listed("км м км² м² м³ га т кг л кВт чел. экз.")
    }
)
"""`тыс. км`, `млн т`: the scale and the unit."""


def _units(table: str) -> Mapping[str, Counted]:
    """Nouns by what is written for them. A line: `км/ч: километр m | в час`, that is stem, kind, what never changes.

    A genitive plural unlike its kind's stands after the kind, the stem of an adjective and a hyphen before the noun.
    """
    found: dict[str, Counted] = {}
    for line in filter(None, map(str.strip, table.splitlines())):
        keys, noun = line.split(": ", 1)
        noun, _, tail = noun.partition(" | ")
        stem, kind, *many = noun.split(" ")
        adjective, _, stem = stem.rpartition("-")
        found |= dict.fromkeys(keys.split(" "), Counted(stem, kind, adjective, tail, many[0] if many else ""))
    return MappingProxyType(found)


UNITS: Final = _units("""
    км km: километр m
    м m: метр m
    дм: дециметр m
    см cm: сантиметр m
    мм mm: миллиметр m
    мкм: микрометр m
    нм: нанометр m
    км² км2 кв.км: квадратн-километр m
    м² м2 кв.м: квадратн-метр m
    см² см2: квадратн-сантиметр m
    м³ м3 куб.м: кубическ-метр m
    га: гектар m
    т: тонн f
    ц: центнер m
    кг kg: килограмм m
    г g гр: грамм m
    мг mg: миллиграмм m
    мкг: микрограмм m
    л l L: литр m
    мл ml: миллилитр m
    км/ч km/h: километр m | в час
    м/с: метр m | в секунду
    °C °С: градус m | Цельсия
    °F: градус m | Фаренгейта
    °: градус m
    ч ч.: час m
    мин мин.: минут f
    сек сек.: секунд f
    мс: миллисекунд f
    Гц Hz: герц m0
    В V: вольт m0
    кГц kHz: килогерц m0
    МГц MHz: мегагерц m0
    ГГц GHz: гигагерц m0
    Вт W: ватт m0
    кВт kW: киловатт m0
    МВт MW: мегаватт m0
    кВт·ч: киловатт-час m
    ккал: килокалор ия
    чел. чел: человек m0
    экз. экз: экземпляр m
    дБ dB: децибел m
    Кб КБ: килобайт m0
    Мб МБ MB: мегабайт m0
    Гб ГБ GB: гигабайт m0
    Тб ТБ TB: терабайт m0
    коп. коп: копейк га копеек
    п.п.: процентн-пункт m
    ft: фут m
    ″: дюйм m
""")
CURRENCIES: Final = _units("""
    RUB: рубл ль
    EUR: евро 0
    USD: доллар m
    GBP: фунт m
    JPY: иен f
    CNY: юан ль
    KRW: вон f
    INR: руп ия
    BRL: реал m
    CHF: франк mk
    UAH: гривн f гривен
    KZT: тенге 0
    BYN: белорусск-рубл ль
""")
CENTS: Final = _units("""
    RUB BYN UAH: копейк га копеек
    EUR USD: цент m
    GBP: пенс m
""")
PERCENT: Final = Counted("процент", "m")
PER_MILLE: Final = Counted("промилле", "0")
WRITTEN_CURRENCIES: Final = MappingProxyType(
    {
        "руб.": "RUB",
        "руб": "RUB",
        "р.": "RUB",
        "₽": "RUB",
        "RUB": "RUB",
        "€": "EUR",
        "EUR": "EUR",
        "евро": "EUR",
        "$": "USD",
        "USD": "USD",
        "долл.": "USD",
        "£": "GBP",
        "GBP": "GBP",
        "¥": "JPY",
        "JPY": "JPY",
        "CNY": "CNY",
        "₩": "KRW",
        "₹": "INR",
        "грн": "UAH",
        "₴": "UAH",
        "₸": "KZT",
        "Br": "BYN",
        "CHF": "CHF",
        "R$": "BRL",
    }
)
LEXIS: Final = Lexis(
    minus="минус",
    plus="плюс",
    plus_minus="плюс-минус",
    point="запятая",
    to="–",
    percent="процентов",
    per_mille="промилле",
    per="на",
    power="в степени",
    out_of="дробь",
    months=MONTHS,
    signs=words("""
        . = точка
        / = слэш
        : = двоеточие
        - = дефис
        _ = подчёркивание
        ? = вопросительный знак
        = = равно
        & = и
        # = решётка
        @ = собака
        ~ = тильда
        % = процент
        + = плюс
        , = запятая
        ; = точка с запятой
        × = умножить на
        ÷ = разделить на
        ± = плюс-минус
        − = минус
        ≈ = примерно
        ≠ = не равно
        ≤ = меньше или равно
        ≥ = больше или равно
        § = параграф
    """),
    units=MappingProxyType({key: Noun(key) for key in (*UNITS, *CUT_SCALES, *SCALED)}),
    currencies=MappingProxyType({key: Noun(key) for key in CURRENCIES}),
    scales=MappingProxyType({power: Noun(noun.stem) for power, noun in THOUSANDS.items()}),
    version="версия",
    hashtag="хештег",
)
