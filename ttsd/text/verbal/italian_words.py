"""Italian words for signs, units, currencies and abbreviations."""

from types import MappingProxyType
from typing import Final

from ttsd.text.verbal.lexis import Lexis, Noun
from ttsd.text.verbal.tables import capitals_too, listed, nouns, words

MONTHS: Final = listed("""
        gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre
    """)
SHORT_MONTHS: Final = {
    "gen": 1,
    "genn": 1,
    "febbr": 2,
    "apr": 4,
    "giu": 6,
    "lug": 7,
    "ago": 8,
    "sett": 9,
    "ott": 10,
    "nov": 11,
    "dic": 12,
}
RULERS: Final = (
    "Luigi|Carlo|Enrico|Vittorio|Vittorio Emanuele|Emanuele|Umberto|Giovanni|Giovanni Paolo|Paolo|Benedetto|Pio|Leone"
    "|Clemente|Gregorio|Urbano|Innocenzo|Bonifacio|Alessandro|Elisabetta|Federico|Filippo|Ferdinando|Francesco|Napoleone"
    "|Giorgio|Edoardo|Guglielmo|Riccardo|Giacomo|Caterina|Pietro|Alberto|Cosimo|Ramses|Tolomeo|Margherita|Vaticano|Nicola"
    "|Giulio|Sisto|Amedeo|Isabella|Ottone|Leopoldo|Alfonso"
)
SERIES: Final = (
    "(?i:secolo|sec|secoli|capitolo|tomo|libro|atto|scena|parte|volume|allegato|titolo|sezione|fase|tipo|livello|classe|canto"
    "|guerra mondiale|edizione|congresso|legislatura|millennio)"
)
FEMININE_SERIES: Final = frozenset(
    listed("""
        scena parte sezione fase classe mondiale edizione legislatura elisabetta caterina margherita
        isabella maria
    """)
)
ABBREVIATIONS: Final = capitals_too(
    words("""
    sig. | Sig. = signor
    sigg. | Sigg. = signori
    sig.ra | Sig.ra = signora
    sig.na | Sig.na = signorina
    dott. | Dott. | dr. | Dr. = dottor
    dott.ssa | Dott.ssa | dr.ssa | Dr.ssa = dottoressa
    prof. | Prof. = professor
    prof.ssa | Prof.ssa = professoressa
    ing. | Ing. = ingegner
    avv. | Avv. = avvocato
    arch. | Arch. = architetto
    geom. | Geom. = geometra
    rag. | Rag. = ragionier
    on. | On. = onorevole
    mons. | Mons. = monsignor
    egr. | Egr. = egregio
    gent.ma | Gent.ma = gentilissima
    ecc. | etc. = eccetera
    ad es. | Ad es. = ad esempio
    per es. | p. es. | p.es. = per esempio
    a.C. | a. C. = avanti Cristo
    d.C. | d. C. = dopo Cristo
    tel. = telefono
    Tel. = Telefono
    cell. = cellulare
    p.za | P.za | p.zza | P.zza = piazza
    c.so | C.so = corso
    v.le | V.le = viale
    S.p.A. | SpA = società per azioni
    S.r.l. | Srl = società a responsabilità limitata
    ca. = circa
    c.a. = corrente anno
    u.s. = ultimo scorso
    p.v. = prossimo venturo
    c.m. = corrente mese
    N.B. = nota bene
    F.lli = fratelli
    ab. = abitanti
    max. = massimo
    min. = minimo
    vs. = contro
""")
)
TITLES: Final = {"S.": "San"}
NUMBERED: Final = words("""
    # = numero
    sec. = secolo
    n. | nº | n° | nr. = numero
    nn. = numeri
    pag. | p. = pagina
    pagg. | pp. = pagine
    art. = articolo
    artt. = articoli
    cap. = capitolo
    fig. = figura
    vol. = volume
    tav. = tavola
    co. = comma
    § = paragrafo
""")
LEXIS: Final = Lexis(
    minus="meno",
    plus="più",
    plus_minus="più o meno",
    point="virgola",
    to="a",
    percent="per cento",
    per_mille="per mille",
    per="al",
    power="elevato a",
    out_of="su",
    months=MONTHS,
    signs=words("""
        . = punto
        / = barra
        : = due punti
        - = trattino
        _ = trattino basso
        ? = punto interrogativo
        = = uguale
        & = e
        # = cancelletto
        @ = chiocciola
        ~ = tilde
        % = per cento
        + = più
        , = virgola
        ; = punto e virgola
        × = per
        ÷ = diviso
        ± = più o meno
        − = meno
        ≈ = circa
        ≠ = diverso da
        ≤ = minore o uguale a
        ≥ = maggiore o uguale a
        § = paragrafo
    """),
    units=nouns("""
        km: chilometro, chilometri
        m: metro, metri
        dm: decimetro, decimetri
        cm: centimetro, centimetri
        mm: millimetro, millimetri
        µm: micrometro, micrometri
        nm: nanometro, nanometri
        km² km2 kmq: chilometro quadrato, chilometri quadrati
        m² m2 mq: metro quadrato, metri quadrati
        cm² cm2: centimetro quadrato, centimetri quadrati
        m³ m3 mc: metro cubo, metri cubi
        cm³ cm3: centimetro cubo, centimetri cubi
        ettaro: ettaro, ettari
        t: tonnellata, tonnellate, f
        kg: chilogrammo, chilogrammi
        hg: etto, etti
        g gr: grammo, grammi
        mg: milligrammo, milligrammi
        µg: microgrammo, microgrammi
        l L: litro, litri
        dl: decilitro, decilitri
        cl: centilitro, centilitri
        ml: millilitro, millilitri
        km/h: chilometro all'ora, chilometri all'ora
        m/s: metro al secondo, metri al secondo
        °C: grado Celsius, gradi Celsius
        °F: grado Fahrenheit, gradi Fahrenheit
        °: grado, gradi
        h: ora, ore, f
        min: minuto, minuti
        s: secondo, secondi
        ms: millisecondo, millisecondi
        Hz: hertz, hertz
        kHz: chilohertz, chilohertz
        MHz: megahertz, megahertz
        GHz: gigahertz, gigahertz
        W: watt, watt
        kW: chilowatt, chilowatt
        MW: megawatt, megawatt
        kWh: chilowattora, chilowattora
        V: volt, volt
        mAh: milliampereora, milliampereora
        Ω: ohm, ohm
        kcal: chilocaloria, chilocalorie, f
        CV: cavallo vapore, cavalli vapore
        dB: decibel, decibel
        hPa: ettopascal, ettopascal
        KB kB: kilobyte, kilobyte
        MB: megabyte, megabyte
        GB: gigabyte, gigabyte
        TB: terabyte, terabyte
        mln: milione, milioni
        mld: miliardo, miliardi
        ft: piede, piedi
        ″: pollice, pollici
    """),
    currencies=nouns("""
        EUR: euro, euro
        USD: dollaro, dollari
        GBP: sterlina, sterline, f
        JPY: yen, yen
        CNY: yuan, yuan
        KRW: won, won
        RUB: rublo, rubli
        INR: rupia, rupie, f
        BRL: real, real
        CHF: franco svizzero, franchi svizzeri
    """),
    cents=nouns("""
        EUR USD: centesimo, centesimi
        GBP: penny, pence
        RUB: copeco, copechi
        CHF: centesimo, centesimi
        BRL: centavo, centavo
    """),
    scales=MappingProxyType(
        {
            3: Noun("mila", "mila"),
            6: Noun("milione", "milioni", "m"),
            9: Noun("miliardo", "miliardi", "m"),
            12: Noun("bilione", "bilioni", "m"),
        }
    ),
    version="versione",
    hashtag="hashtag",
)
