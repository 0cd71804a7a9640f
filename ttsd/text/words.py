"""Words by which Latin-script languages are known."""

from collections.abc import Iterable
from typing import Final

_WORDS: Final = {
    "en": """the of and to is that it for you with are this be by at have from not they which his her will would there
        their what when who how i he she we if an had been can your my its were please hello thanks yes said says
        about into up out just than them then could should did does don't it's i'm let's these those some any our
        us him because where why here isn't wasn't doesn't didn't can't won't i'll i've you're that's there's nobody
        everyone everybody something nothing thank very never always""",
    "de": """der die das und ist nicht ein eine einen einem einer zu den dem des mit von auf für sich es ich du er sie
        wir ihr auch im aus bei nach wie wird werden wurde sind haben habe kann noch nur aber oder dass wenn über um
        vom zum zur heute kommt guten gute sehr wo warum ja nein danke bitte mein dein unser einmal mich mir dich dir
        uns euch ihm ihn ihnen als doch schon mehr keine keinen kein meine deine seine ihre wer muss müssen soll
        kannst bist seid gibt geht immer wieder jetzt hier dort durch gegen ohne unter zwischen nichts etwas
        sagte sagt fragte""",
    "fr": """le la les un une des du de et est que qui dans pas sur au aux avec ce cette il elle nous vous ils elles je
        tu se ne sont mais ou où très bien être même aussi tout sa ses ça c'est j'ai n'est qu'il d'un d'une va ici
        bonjour merci oui aujourd'hui quel quelle ma votre notre leur à été était avait avons avez ont sera suis êtes
        vais allons pour par sans chez comme plus moins beaucoup trop rien jamais toujours jusqu'à lorsque dit
        leurs nos vos mes tes""",
    "es": """el la los las un una unos de del y que en es por con para se lo su al como más pero sus le ya este esta sí
        porque muy sobre también hasta hay donde quien todo nos está están estoy estás cómo qué dónde cuándo bien
        gracias hola buenos buenas días yo usted ustedes mi tu ser tiene hoy eso esto fue era había muchas muchos
        nada siempre nunca ahora aquí sin y dijo dice
        desde cuando si ni él ella ellos ellas sé hacer tengo quiero vamos son""",
    "pt": """o os um uma de da dos das e que em na nos nas é por com para não se mais como mas ao ele ela foi são está
        estão tem seu sua ou ser quando muito já eu também só pelo pela até isso entre depois sem mesmo aos você vocês
        obrigado obrigada olá bem bom tudo hoje meu minha aqui onde à num numa nunca sempre agora nada ainda estou
        isto eles elas era tinha vou vamos quero tenho sei fazer boa dia disse este esta
        estes estas esse essa""",
    "it": """il lo la gli le un uno una di del della dei delle e è che per con non si da dal sono più ma anche al alla
        ai nel nella ho ha hanno questo questa se ci io tu lui lei noi voi mi ti sul sulla perché molto bene grazie
        ciao buongiorno oggi dove quando chi cosa c'è stai sta essere era così quello quella già mai sempre niente
        ancora adesso ora siamo sei hai abbiamo vado voglio fare dov'è com'è cos'è po' degli dalla dagli dello allo
        detto disse""",
}
"""Words that English shares with one of the others (in, was, no, me) are no evidence, and stand nowhere."""
_ELISIONS: Final = {
    "fr": "l' d' j' n' s' c' qu' m' t'",
    "it": "l' d' un' dell' all' nell' dall' sull' quell' c' s' quest'",
}
"""With these, words begin that are evidence whatever they are."""
_PHRASES: Final = {
    "en": """hello hi good morning evening night bye goodbye sorry thank thanks you welcome please love happy birthday
        see later tomorrow cheers""",
    "de": "guten gute tag morgen abend nacht danke bitte schön tschüss auf wiedersehen entschuldigung hallo nein ja",
    "fr": "bonjour bonsoir merci beaucoup au revoir salut s'il vous plaît oui bonne nuit tous pardon enchanté",
    "es": "a todos hola gracias muchas adiós buenos buenas días tardes noches por favor hasta luego mañana señor",
    "pt": "a todos olá obrigado obrigada muito bom boa dia tarde noite tchau por favor até logo",
    "it": "a tutti ciao grazie mille buongiorno buonasera buonanotte arrivederci prego per favore scusa",
}
"""What people quote of a language that they do not write in: a quotation of nothing else is in it."""
_COMMON: Final = {
    "en": """time year people way day thing woman life child world school state family student group country problem
        week company work government number night water room mother area money story month lot right study book
        eye job word business issue side head house friend father power hour game end member law car kid back
        level office door health history result morning reason research girl guy air teacher make know take come
        think look want give use find tell ask seem feel try leave call good new first last long great little own
        other old big high small large next early young important few public bad same able one two three four
        five six seven eight nine ten get got went made came took saw left found gave told called tried asked
        needed felt kept held brought began wrote sat stood lost paid met ran read grew spoke won lead go going
        fine okay sure hard baby best better nice really still after before since while even only again more most
        much many such over down off through during without against between under around among too but on minute
        minutes place places part train match population order ordered shipped monday tuesday wednesday thursday
        friday saturday sunday january february march april june july august september october november december
        hours days weeks months years street road phone ticket tickets price open closed buy bought sell sold
        cost costs eat drink dinner lunch breakfast happy birthday via links mean project income sales rise rises
        rising capita sonata wins opens starts stars reported runs team win lose play played player season city
        market news president minister police court election million billion percent dollar dollars euro euros
        pound pounds size color red blue green black white food coffee tea bread egg eggs chicken rice sugar cup
        spoon mix bake heat oven page chapter figure table item file error status total version update download
        install click press turn walk run drive stop wait watch listen write speak send receive mail email
        message text photo video music movie film song band concert hotel airport flight gate doctor hospital
        summer winter spring autumn weather rain snow wind sun hot cold warm cool light dark loud""",
    "de": """alle alles dann danach darum leider gestern morgen abend nacht tag woche monat jahr zeit haus mann frau
        kind leute stadt land wasser buch auto arbeit schule freund hallo tschüss gern gerne lieber gibt kommen
        kommst kam gehen ging geh steht stand liegt lebt lebte sitzt macht machen sagen sehen sehe siehe lachte
        rief schreib wohnt liegen bitten weiß wissen kostet kosten brauchen brauche finde denke glaube neue neu
        alte groß große klein schöne schön schnell langsam viel viele wenig beide erste zweite dritte punkt uhr
        niemand jemand jeder etwa genau natürlich vielleicht endlich wirklich deshalb trotzdem oft manchmal
        fertig müde sonst mal ruhe waren blieben bleiben wurden hatte hatten war ist's läuft ganz zwei drei vier
        fünf sechs sieben acht montag dienstag mittwoch donnerstag freitag samstag sonntag januar februar märz
        mai juni juli oktober dezember tage tagen stunde stunden minuten sekunden wochen monate jahre jahren ca
        usw nr seite kapitel bestellung rechnung preis telefon straße zug bahnhof gleis flug termin uhrzeit grad
        liter gramm meter kilo prozent hälfte viertel mutter vater eltern bruder schwester sohn tochter kaffee
        brot milch essen trinken endete begann beginnt dauert fährt kostete bezahlt kaufte kauft kaufen bestellt
        ruf rufen schreiben les lesen treffen trifft öffnet schließt geöffnet geschlossen links rechts oben unten
        vorne hinten zurück weit nah mindestens höchstens circa insgesamt pro je zwölf elf zehn neun hundert
        tausend wetter regen warm kalt ab ach kamen wohin deutsch deutsche temperatur achtung abbiegen batterie
        stufe brauchst machst willst sollst heißt heiße wohne komme gehe nehme nimm gib hol sag schau hör am in
        so was man""",
    "fr": """homme femme enfant enfants maison ville pays jour jours soir matin nuit semaine mois année temps eau
        livre voiture travail école ami amis gens chose choses vie monde porte rue gare prix film beau belle bon
        bonne grand grande petit petite nouveau nouvelle premier première deuxième troisième deux trois quatre
        cinq sept huit neuf dix puis alors donc car enfin hier demain bientôt vite personne pourquoi comment
        combien voici voilà on y en eux toi moi lui viens vient viennent venu aller faire fait dire voir vu voyez
        entrez écrivez attends attend habite parle parlent arrive arrivent attendre rit riait resta partit parti
        jouaient dormait semble faut peut peux veux veut doit sait sais froid chaud mort né entre près loin sous
        vers contre quoi salut horreur sommes appelez allez avez-vous allons-y lundi mardi mercredi jeudi
        vendredi samedi dimanche janvier février mars avril mai juin juillet août septembre octobre novembre
        décembre an ans années heure heures minute minutes secondes fois reste rester restent fils fille filles
        garçon mère père frère sœur rendez-vous numéro étage place places siècle payé payer coûte coûtent acheter
        acheté vend vends ouvert ouverte fermé fermée départ arrivée train voie vol billet billets bureau
        téléphone ajoutez ajouter mettez prenez tournez gauche droite étaient étions étiez avaient avait mesure
        pèse environ soit chaque moitié demi quart kilo litre litres grammes degrés pain lait beurre sucre farine
        œufs fromage vin café chien chiens chat chats onze douze quinze vingt trente quarante cinquante soixante
        cent mille repart part partent repartir habitants population match terminé gagné perdu née morte il ils
        vitesse vraiment attention visitez visite atteint demanda répondit parla température prends batterie
        félicitations équipe rappelle rappelez commence finit ferme pleut a as me son
        lun ven""",
    "es": """hombre mujer casa ciudad país día noche mañana semana mes año tiempo agua libro coche trabajo escuela
        amigo amigos gente cosa cosas vida mundo puerta calle precio película bueno buena grande pequeño nuevo
        nueva primer primero segundo tercer dos tres cuatro cinco seis siete ocho nueve diez luego entonces
        después pronto nadie alguien todos todas otro otra ayer antes lejos cerca adónde vive viven vende vino
        viene vienes vamos fueron fuimos va voy llegó llega llegan habló habla hablan hay habrá hizo hace dijo
        dime cuesta escribe mira espera entró entramos salió cayó murió nació tenía vio respondió contestó
        preguntó quedó rieron duerme dormía jugaban corto rápido ven tarde temprano mucho poco también aquí ahí
        allí ud uds muy rey lunes martes miércoles jueves viernes sábado domingo enero febrero marzo abril
        junio agosto septiembre octubre noviembre diciembre hora horas minuto minutos segundos semanas
        meses años vez veces falta faltan quedan hijo hija hermano hermana padre piso número teléfono tren
        vuelo andén billete pagar pagué pagó costó cuestan comprar compré compra vender abierto cerrado llama
        llámame escriba escríbeme añade pesa mide unos casi mitad medio cuarto kilo litro litros gramos grados
        pan leche azúcar harina huevos queso café perro perros gato gatos once doce quince veinte treinta
        cuarenta cincuenta cien mil habitantes partido acabó ganó perdió ganar izquierda derecha eran éramos
        estaba estaban estuvo tenemos tienen puede pueden debe debes mujeres hombres personas niños véase
        velocidad cuidado feliz cumpleaños señora tú atención visite visita escríbenos lun mar mié jue vie
        ejemplo temperatura batería ganamos perdimos capítulo tengo trae empieza termina cierra abre llueve gire
        a no me""",
    "pt": """homem mulher menino menina casa cidade país dia noite manhã semana mês ano tempo água livro carro
        trabalho escola amigo amigos gente coisa coisas vida mundo porta rua preço filme bom boa grande pequeno
        novo nova primeiro segundo terceiro dois duas três quatro cinco seis sete oito nove dez depois então logo
        ninguém alguém todos todas outro outra ontem antes longe perto aonde mora moram vende veio vem vai foram
        saiu saíram chegou chega fala falam falou havia há fez faz disse custa escreva espere entre veja entramos
        morreu nasceu tinha viu respondeu perguntou ficou ficam riu dorme dormia brincavam curto rápido tarde
        cedo mais pouco oi tchau ele ela comemos jantar rei frio amanhã sério pesa trem segunda-feira terça-feira
        quarta-feira quinta-feira sexta-feira domingo janeiro fevereiro março maio junho julho setembro outubro
        novembro dezembro hora horas minuto minutos segundos dias semanas meses anos vez vezes falta faltam
        restam filho filha irmão irmã mãe pai andar número telefone comboio voo bilhete pagar paguei pagou custou
        custam comprar comprei compra vender aberto fechado ligue ligar adicione coloque mede uns cerca quase
        metade meio quarto quilo litro litros gramas graus pão leite açúcar farinha ovos queijo vinho café
        cachorro cães gato gatos onze doze quinze vinte trinta quarenta cinquenta cem mil milhões habitantes
        população jogo acabou ganhou perdeu ganhar esquerda direita eram éramos fomos estava estavam esteve temos
        têm pode podem deve mulheres homens pessoas crianças velocidade cuidado feliz aniversário senhor senhora
        reais atenção visite ótimo ótimos temperatura bateria ganhamos perdemos capítulo traga traz começa
        termina fecha abre chove vire fuga sábado pronto a no me as""",
    "it": """uomo donna bambino bambini casa città paese giorno giorni notte mattina sera settimana mese anno tempo
        acqua libro macchina lavoro scuola amico amici gente cosa cose vita mondo porta strada prezzo film buono
        buona bello bella bel grande piccolo piccola nuovo nuova primo secondo terzo due tre quattro cinque sei
        sette otto nove dieci poi allora dopo presto tardi nessuno qualcuno tutti tutto altro altra ieri domani
        lontano lontane vicino abita vive vieni viene venne vengo vado vai va andiamo andarono andato uscì entra
        entrate entrati arriva parla parlano parlò parte partì fece fa disse dimmi costa scrivi scritto aspetta
        aspettami vedi vide morì nacque aveva avevano rispose chiese risponde restò ride rise dorme dormiva
        giocavano corto freddo amato sono beh ahimè chiamalo davvero ecco orrore mangiamo cena pronta gradi
        lunedì martedì mercoledì giovedì venerdì sabato domenica gennaio febbraio marzo aprile maggio giugno
        luglio agosto settembre ottobre novembre dicembre ora ore minuto minuti secondi settimane mesi anni volta
        volte manca mancano restano figlio figlia fratello sorella madre padre piano via numero telefono treno
        volo binario biglietto pagare pagato costano costava comprare comprato vendere aperto chiuso chiamami
        chiama scrivimi aggiungi metti pesa misura circa quasi metà mezzo quarto chilo litro litri grammi pane
        latte zucchero farina uova formaggio vino caffè cane cani gatto gatti undici dodici quindici venti trenta
        quaranta cinquanta cento mila abitanti partita finita finito vinto perso vincere sinistra destra erano
        eravamo stato stata stati abbiamo avete hanno può possono deve devi donne uomini persone velocità
        attenzione auguri signora signore alle dalle sulle nelle degli negli agli come visita temperatura
        batteria capitolo inizia finisce chiude apre piove girare gira a in no so me
        lun ven""",
}
"""Common words besides. Those of English show where a text is English after all."""
_SHARED: Final = "a am an all as die do fine has in links me mit no so son was pure via data come"
_IN_NAMES: Final = """
    de del della dei di da do dos das du des la le les lo los las el il gli der die das den dem von zu zum zur y e
    un una al san são santa a in no so me am as was"""
"""Articles and prepositions that stand in names anywhere: `Rio de Janeiro`, `Die Hard`; and short words of English."""


def _sets(lists: dict[str, str]) -> dict[str, frozenset[str]]:
    return {language: frozenset(words.split()) for language, words in lists.items()}


def _owners(sets: dict[str, frozenset[str]]) -> dict[str, tuple[str, ...]]:
    """Each word with its languages."""
    every: Iterable[str] = frozenset[str]().union(*sets.values())
    return {word: tuple(language for language, words in sets.items() if word in words) for word in every}


FUNCTION_WORDS: Final = _sets(_WORDS)
COMMON_WORDS: Final = {language: words | FUNCTION_WORDS[language] for language, words in _sets(_COMMON).items()}
ENGLISH_ALONE: Final = COMMON_WORDS["en"].difference(
    ["an", "i", "will", "her", "not", "had"], *(words for language, words in COMMON_WORDS.items() if language != "en")
)
"""Without those that others write as well."""
PHRASE_WORDS: Final = _sets(_PHRASES)
SHARED_BY_ENGLISH: Final = frozenset(_SHARED.split())
"""Words that English and one of the others write: they count little for it."""
NAME_WORDS: Final = frozenset(_IN_NAMES.split())
COMMON_LANGUAGES_OF: Final = _owners(COMMON_WORDS)
LANGUAGES_OF: Final = _owners(FUNCTION_WORDS)
PREFIX_OF: Final = _owners(_sets(_ELISIONS))
