"""Spanish words for signs, units, currencies and abbreviations."""

from types import MappingProxyType
from typing import Final

from ttsd.text.verbal.lexis import Lexis, Noun
from ttsd.text.verbal.tables import capitals_too, listed, nouns, words

MONTHS: Final = listed("enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre")
OTHER_MONTHS: Final = {
    "setiembre": 9,
    "ene": 1,
    "feb": 2,
    "abr": 4,
    "jun": 6,
    "jul": 7,
    "ago": 8,
    "sept": 9,
    "oct": 10,
    "nov": 11,
    "dic": 12,
}
RULERS: Final = (
    "Felipe|Carlos|Alfonso|Fernando|Juan|Juan Carlos|Juan Pablo|Pablo|Isabel|Jaime|Pedro|Enrique|Sancho|Ramiro|Luis"
    "|Jorge|Guillermo|Ricardo|Benedicto|Pío|León|Clemente|Gregorio|Urbano|Inocencio|Alejandro|Catalina|Federico|Nicolás"
    "|Napoleón|Francisco|José|Leopoldo|Balduino|Ramsés|Tolomeo|Margarita|Vaticano|Eduardo|Jacobo|Harald|Gustavo"
)
"""After them Roman numerals are ordinals up to ten."""
SERIES: Final = (
    "(?i:siglos?|capítulo|tomo|libro|acto|escena|parte|volumen|anexo|título|sección|fase|tipo|nivel|clase|apartado|guerra"
    "|copa|edición|congreso|legislatura|milenio)|Rocky|Apolo"
)
ABBREVIATIONS: Final = capitals_too(
    words("""
    Sr. = señor
    Sra. = señora
    Srta. = señorita
    Sres. = señores
    Sras. = señoras
    Dr. = doctor
    Dra. = doctora
    Drs. = doctores
    Prof. = profesor
    Profa. = profesora
    Lic. = licenciado
    Ing. = ingeniero
    Arq. = arquitecto
    Ud. | Vd. = usted
    Uds. | Vds. = ustedes
    Dña. | D.ª = doña
    Gral. = general
    Excmo. = excelentísimo
    Ilmo. = ilustrísimo
    Rvdo. = reverendo
    etc. = etcétera
    EE. UU. | EE.UU. | EEUU = Estados Unidos
    RR. HH. | RR.HH. = recursos humanos
    JJ. OO. | JJ.OO. = juegos olímpicos
    a. C. | a.C. | a. de C. = antes de Cristo
    d. C. | d.C. | d. de C. = después de Cristo
    a. m. | a.m. = a eme
    p. m. | p.m. = pe eme
    p. ej. | p.ej. | P. ej. = por ejemplo
    tel. | tfno. | teléf. = teléfono
    Tel. | Tfno. | Teléf. = Teléfono
    avda. | av. = avenida
    Avda. | Av. = Avenida
    c/ | C/ = calle
    pza. | Pza. | plza. = plaza
    ctra. | Ctra. = carretera
    dcha. = derecha
    izda. | izq. = izquierda
    S. A. = ese a
    S. L. = ese ele
    aprox. = aproximadamente
    máx. = máximo
    mín. = mínimo
    hab. = habitantes
    P. D. | P.D. = posdata
""")
)
TITLES: Final = {"D.": "don", "Sto.": "santo", "Sta.": "santa"}
NUMBERED: Final = words("""
    # = número
    n.º | nº | n° | núm. | n.o = número
    n.os | n.ᵒˢ | nos. | núms. = números
    pág. | p. = página
    págs. | pp. = páginas
    art. = artículo
    arts. = artículos
    cap. = capítulo
    fig. = figura
    vol. = volumen
    t. = tomo
    ed. = edición
    § = sección
""")
LEXIS: Final = Lexis(
    minus="menos",
    plus="más",
    plus_minus="más menos",
    point="coma",
    to="a",
    percent="por ciento",
    per_mille="por mil",
    per="por",
    power="elevado a",
    out_of="sobre",
    months=MONTHS,
    signs=words("""
        . = punto
        / = barra
        : = dos puntos
        - = guion
        _ = guion bajo
        ? = signo de interrogación
        = = igual a
        & = y
        # = almohadilla
        @ = arroba
        ~ = virgulilla
        % = por ciento
        + = más
        , = coma
        ; = punto y coma
        × = por
        ÷ = entre
        ± = más menos
        − = menos
        ≈ = aproximadamente
        ≠ = distinto de
        ≤ = menor o igual que
        ≥ = mayor o igual que
        § = sección
    """),
    units=nouns("""
        km kms: kilómetro, kilómetros
        m: metro, metros
        dm: decímetro, decímetros
        cm: centímetro, centímetros
        mm: milímetro, milímetros
        µm: micrómetro, micrómetros
        nm: nanómetro, nanómetros
        km² km2: kilómetro cuadrado, kilómetros cuadrados
        m² m2: metro cuadrado, metros cuadrados
        cm² cm2: centímetro cuadrado, centímetros cuadrados
        m³ m3: metro cúbico, metros cúbicos
        cm³ cm3: centímetro cúbico, centímetros cúbicos
        hectárea: hectárea, hectáreas, f
        t: tonelada, toneladas, f
        kg kgs: kilogramo, kilogramos
        g: gramo, gramos
        mg: miligramo, miligramos
        µg: microgramo, microgramos
        l L: litro, litros
        dl dL: decilitro, decilitros
        cl cL: centilitro, centilitros
        ml mL: mililitro, mililitros
        km/h: kilómetro por hora, kilómetros por hora
        m/s: metro por segundo, metros por segundo
        °C ºC: grado Celsius, grados Celsius
        °F ºF: grado Fahrenheit, grados Fahrenheit
        °: grado, grados
        h hs hrs: hora, horas, f
        min: minuto, minutos
        s: segundo, segundos
        ms: milisegundo, milisegundos
        Hz: hercio, hercios
        kHz: kilohercio, kilohercios
        MHz: megahercio, megahercios
        GHz: gigahercio, gigahercios
        W: vatio, vatios
        kW: kilovatio, kilovatios
        MW: megavatio, megavatios
        kWh: kilovatio hora, kilovatios hora
        V: voltio, voltios
        mAh: miliamperio hora, miliamperios hora
        Ω: ohmio, ohmios
        kcal: kilocaloría, kilocalorías, f
        dB: decibelio, decibelios
        hPa: hectopascal, hectopascales
        KB kB: kilobyte, kilobytes
        MB: megabyte, megabytes
        GB: gigabyte, gigabytes
        TB: terabyte, terabytes
        ft: pie, pies
        ″: pulgada, pulgadas, f
    """),
    currencies=nouns("""
        EUR: euro, euros
        USD: dólar, dólares
        GBP: libra, libras, f
        JPY: yen, yenes
        CNY: yuan, yuanes
        KRW: won, wones
        RUB: rublo, rublos
        INR: rupia, rupias, f
        BRL: real, reales
        CHF: franco suizo, francos suizos
        MXN: peso mexicano, pesos mexicanos
        ARS: peso argentino, pesos argentinos
        COP: peso colombiano, pesos colombianos
        CLP: peso chileno, pesos chilenos
    """),
    cents=nouns("""
        EUR: céntimo, céntimos
        USD MXN ARS COP BRL: centavo, centavos
        GBP: penique, peniques
        RUB: kopek, kopeks
        CHF: céntimo, céntimos
    """),
    scales=MappingProxyType(
        {
            3: Noun("mil", "mil"),
            6: Noun("millón", "millones", "m"),
            9: Noun("mil millones", "mil millones"),
            12: Noun("billón", "billones", "m"),
        }
    ),
    version="versión",
    hashtag="hashtag",
)
