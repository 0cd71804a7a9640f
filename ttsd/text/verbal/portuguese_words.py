"""Portuguese words for signs, units, currencies and abbreviations, Brazilian where the two countries differ."""

from types import MappingProxyType
from typing import Final

from ttsd.text.verbal.lexis import Lexis, Noun
from ttsd.text.verbal.tables import capitals_too, listed, nouns, words

MONTHS: Final = listed("janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro")
SHORT_MONTHS: Final = {
    "jan": 1,
    "fev": 2,
    "abr": 4,
    "jun": 6,
    "jul": 7,
    "ago": 8,
    "set": 9,
    "out": 10,
    "nov": 11,
    "dez": 12,
}
RULERS: Final = (
    "Pedro|João|João Paulo|Paulo|Afonso|Manuel|Luís|Luis|Carlos|Filipe|Sancho|Henrique|Isabel|Elizabeth|Maria|José"
    "|Miguel|Bento|Pio|Leão|Clemente|Gregório|Urbano|Inocêncio|Alexandre|Catarina|Frederico|Nicolau|Napoleão|Francisco|Jorge"
    "|Guilherme|Ricardo|Jaime|Eduardo|Leopoldo|Ramsés|Ptolomeu|Margarida|Margarete|Vaticano|Dinis|Fernando"
)
SERIES: Final = (
    "(?i:séculos?|séc|capítulo|tomo|livro|ato|cena|parte|volume|anexo|título|seção|secção|fase|tipo|nível|classe|guerra"
    "|copa|edição|congresso|artigo|inciso|milênio|milénio)|Rocky|Apolo"
)
ABBREVIATIONS: Final = capitals_too(
    words("""
    Sr. = senhor
    Sra. | Sr.ª = senhora
    Srta. = senhorita
    Srs. = senhores
    Sras. = senhoras
    Dr. = doutor
    Dra. | Dr.ª = doutora
    Drs. = doutores
    Prof. = professor
    Profa. | Prof.ª | Profª = professora
    Eng. = engenheiro
    Arq. = arquiteto
    Exmo. | Ex.mo = excelentíssimo
    Exma. | Ex.ma = excelentíssima
    Ilmo. = ilustríssimo
    V. Ex.ª | V. Exa. = vossa excelência
    séc. | Séc. = século
    sécs. = séculos
    etc. = et cetera
    a.C. | a. C. = antes de Cristo
    d.C. | d. C. = depois de Cristo
    p. ex. | p.ex. | P. ex. = por exemplo
    tel. | Telef. = telefone
    Tel. = Telefone
    cel. = celular
    Av. | av. = avenida
    Pça. | Pç. = praça
    Rod. = rodovia
    Ltda. = limitada
    S.A. | S/A = esse á
    EUA | E.U.A. = Estados Unidos
    a.m. | a. m. = a eme
    p.m. | p. m. = pê eme
    obs. | Obs. = observação
    aprox. = aproximadamente
    máx. = máximo
    mín. = mínimo
    hab. = habitantes
    Cia. = companhia
    depto. = departamento
    apto. | ap. = apartamento
    P.S. = pós-escrito
""")
)
TITLES: Final = {"D.": "dom", "Sto.": "santo", "Sta.": "santa", "Pe.": "padre"}
NUMBERED: Final = words("""
    # = número
    n.º | nº | n° | n.o | núm. = número
    n.os | nos. | n.ᵒˢ = números
    pág. | p. = página
    págs. | pp. = páginas
    art. = artigo
    arts. = artigos
    cap. = capítulo
    fig. = figura
    vol. = volume
    t. = tomo
    ed. = edição
    inc. = inciso
    § = parágrafo
""")
LEXIS: Final = Lexis(
    minus="menos",
    plus="mais",
    plus_minus="mais ou menos",
    point="vírgula",
    to="a",
    percent="por cento",
    per_mille="por mil",
    per="por",
    power="elevado a",
    out_of="de",
    months=MONTHS,
    signs=words("""
        . = ponto
        / = barra
        : = dois pontos
        - = hífen
        _ = sublinhado
        ? = ponto de interrogação
        = = igual a
        & = e
        # = cerquilha
        @ = arroba
        ~ = til
        % = por cento
        + = mais
        , = vírgula
        ; = ponto e vírgula
        × = vezes
        ÷ = dividido por
        ± = mais ou menos
        − = menos
        ≈ = aproximadamente
        ≠ = diferente de
        ≤ = menor ou igual a
        ≥ = maior ou igual a
        § = parágrafo
    """),
    units=nouns("""
        km: quilômetro, quilômetros
        m: metro, metros
        dm: decímetro, decímetros
        cm: centímetro, centímetros
        mm: milímetro, milímetros
        µm: micrômetro, micrômetros
        nm: nanômetro, nanômetros
        km² km2: quilômetro quadrado, quilômetros quadrados
        m² m2: metro quadrado, metros quadrados
        cm² cm2: centímetro quadrado, centímetros quadrados
        m³ m3: metro cúbico, metros cúbicos
        cm³ cm3: centímetro cúbico, centímetros cúbicos
        ha: hectare, hectares
        t: tonelada, toneladas, f
        kg: quilograma, quilogramas
        g: grama, gramas
        mg: miligrama, miligramas
        µg: micrograma, microgramas
        l L: litro, litros
        dl: decilitro, decilitros
        cl: centilitro, centilitros
        ml mL: mililitro, mililitros
        km/h: quilômetro por hora, quilômetros por hora
        m/s: metro por segundo, metros por segundo
        °C ºC: grau Celsius, graus Celsius
        °F ºF: grau Fahrenheit, graus Fahrenheit
        °: grau, graus
        h hs: hora, horas, f
        min: minuto, minutos
        s: segundo, segundos
        ms: milissegundo, milissegundos
        Hz: hertz, hertz
        kHz: quilohertz, quilohertz
        MHz: megahertz, megahertz
        GHz: gigahertz, gigahertz
        W: watt, watts
        kW: quilowatt, quilowatts
        MW: megawatt, megawatts
        kWh: quilowatt-hora, quilowatts-hora
        V: volt, volts
        mAh: miliampere-hora, miliamperes-hora
        Ω: ohm, ohms
        kcal: quilocaloria, quilocalorias, f
        dB: decibel, decibéis
        hPa: hectopascal, hectopascais
        KB kB: kilobyte, kilobytes
        MB: megabyte, megabytes
        GB: gigabyte, gigabytes
        TB: terabyte, terabytes
        ft: pé, pés
        ″: polegada, polegadas, f
    """),
    currencies=nouns("""
        BRL: real, reais
        EUR: euro, euros
        USD: dólar, dólares
        GBP: libra, libras, f
        JPY: iene, ienes
        CNY: yuan, yuans
        KRW: won, wons
        RUB: rublo, rublos
        INR: rupia, rupias, f
        CHF: franco suíço, francos suíços
    """),
    cents=nouns("""
        BRL USD: centavo, centavos
        EUR CHF: cêntimo, cêntimos
        GBP: pêni, pence
        RUB: copeque, copeques
    """),
    scales=MappingProxyType(
        {
            3: Noun("mil", "mil"),
            6: Noun("milhão", "milhões", "m"),
            9: Noun("bilhão", "bilhões", "m"),
            12: Noun("trilhão", "trilhões", "m"),
        }
    ),
    version="versão",
    hashtag="hashtag",
)
