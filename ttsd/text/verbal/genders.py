"""The gender of the noun after a number, from its ending, with the common words that belie theirs."""

from typing import Final

import msgspec

from ttsd.text.verbal.tables import listed


class Genders(msgspec.Struct, frozen=True, kw_only=True):
    """What one language's endings tell; a word that is listed nowhere and has no feminine ending is masculine."""

    uncounted: frozenset[str]
    """Words that follow a number without being counted: and, of, to, is."""
    endings: tuple[str, ...]
    """Of feminine words."""
    feminine: frozenset[str]
    masculine: frozenset[str]
    """In spite of such an ending."""

    either: frozenset[str] = frozenset()
    """Adjectives of both genders that stand before nouns."""

    def of(self, word: str, after: str = "") -> str:
        """`m` or `f` of `word` in small letters, or of the word `after` it; empty when it is not counted."""
        if word in self.either and after:
            word = after
        if word in self.uncounted:
            return ""
        if word in self.masculine:
            return "m"
        return "f" if word in self.feminine or word.endswith(self.endings) else "m"


def _plural_too(words: str, plural: str = "s") -> frozenset[str]:
    return frozenset(form for word in words.split() for form in (word, word + plural))


FRENCH: Final = Genders(
    either=frozenset(listed("autres jeunes mêmes")),
    uncounted=frozenset(
        listed("""
        et ou de du des le la les un une à au aux en dans sur sous par pour avec sans est sont sera était fut a
        ont que qui où mais ni car donc plus moins virgule si se ne n s y ce cela c'est entre vers puis
    """)
    ),
    endings=tuple(
        form
        for ending in listed("""
        tion sion xion aison ette ance ence ure ude ade ée euse trice ine ille elle enne onne esse ité ière erie
        ique ande ante aine ouche isse asse aile ielle ouvelle onde orte ague emme ive aie oue otte
    """)
        for form in (ending, ending + "s")
    ),
    feminine=_plural_too(
        """
        page heure minute seconde journée année semaine femme fille voiture chose ville lettre ligne chaise
        table porte maison place personne tonne route rue vie main mère sœur amie école étoile fleur forêt
        goutte histoire idée image jambe langue larme tête marche marque mer nuit part partie pièce plante plage
        pomme question raison salle scène sorte tasse tâche terre vache victime zone chambre couleur carte clé
        clef dent équipe étape île fenêtre feuille fête fin force forme gare guerre herbe lampe machine montagne
        montre musique œuvre ombre paire parole pierre pluie poule robe roue rose saison somme source tante
        toile usine vente bouteille boîte caisse caméra classe copie cuillère cuisine dame demande dose dépense
        douzaine erreur espèce façon famille ferme fiche flamme gamme garde grève humeur liste livraison loi
        lune mesure moto méthode note nouvelle odeur offre peine période peur photo phrase pile piste preuve
        prime province queue recette règle réponse rive série tente tranche valeur valise veste vidéo vitesse
        vue calorie couronne roupie bière bougie carotte chemise cloche colonne commande commune corde course
        crise dette droite grille grande petite belle bonne victoire centaine dizaine chaîne branche bande
        banque barre base blague bombe bouche cage cause chaussette cellule chance charge chèvre chute coupe
        cour dalle date dette digue dune école écharpe église énigme épée épreuve étagère étude faute ferme
        figue flèche foule frite galerie graine grange heure image île jupe lame lampe langue ligue lieue limite
        lutte manche marée mouche nappe onde ouvrière pêche perle piscine planche plume poche poire pompe poudre
        prune puce race rame reine ride rime ronde ruche ruse sirène soupe souris table tache tarte taxe tige
        tombe tonne touche trace tribu truite tuile vague vigne virgule vitre voile voiture
    """,
    )
    | frozenset(listed("voix fois croix noix souris vis brebis")),
    masculine=_plural_too(
        """
        musée lycée trophée apogée stade grade jade murmure augure magazine domaine cimetière derrière homme
        gramme comité invité traité côté été pâté arrêté député silence squelette dilemme million milliard
        billion moustique pique domestique capitaine moine patrimoine vaudeville gorille mille portefeuille
        chèvrefeuille intervalle vermicelle violoncelle modèle polichinelle pou navire quadrillage cadre monde
        inconnu plastique graphique volume titre squelette dividende bilan
    """,
    ),
)

SPANISH: Final = Genders(
    either=frozenset(
        listed("gran grande grandes mejor mejores peor peores principales posibles diferentes importantes jóvenes")
    ),
    uncounted=frozenset(
        listed("""
        y e o u ni de del a al en con sin por para que es son era eran fue fueron será serán ha han hay se lo la
        las los el un una como entre hasta desde más menos pero si no sobre según ante bajo coma punto
    """)
    ),
    endings=(
        *("a", "as", "ción", "ciones", "sión", "siones", "gión", "giones", "nión", "niones", "stión", "stiones"),
        *("dad", "dades", "tad", "tades", "tud", "tudes", "umbre", "umbres", "ieces", "encías", "triz", "trices"),
    ),
    feminine=_plural_too(
        """
        mano noche tarde clase calle parte llave serie gente nube suerte torre base frase clave nave nieve leche
        carne sede especie superficie foto moto muerte sangre fuente fiebre mente corriente variante madre
        serpiente cumbre costumbre cohorte hélice índole estirpe planicie barbarie
    """,
    )
    | _plural_too("mujer flor ley red piel miel señal cárcel catedral labor sal vocal sucursal", "es")
    | frozenset(
        listed("""
        vez veces luz luces cruz cruces voz voces nariz narices raíz raíces paz imagen imágenes virgen vírgenes
        razón razones canción habitación estación sazón prisión actriz orden órdenes crisis tesis dosis
        hipótesis síntesis
    """)
    ),
    masculine=_plural_too(
        """
        día mapa planeta tranvía sofá problema tema sistema programa idioma clima poema drama teorema diagrama
        síntoma aroma dilema esquema fantasma enigma telegrama crucigrama panorama cometa poeta pirata papa
        pijama karma plasma axioma carisma estigma lema emblema prisma puma gorila mediodía dálmata nirvana yoga
        vodka
    """,
    )
    | frozenset(listed("centígramas avión aviones camión camiones millón millones guion guiones bastión bastiones")),
)

PORTUGUESE: Final = Genders(
    either=frozenset(
        listed("mil grande grandes melhor melhores pior piores principais possíveis diferentes importantes jovens")
    ),
    uncounted=frozenset(
        listed("""
        e ou de do da dos das a o as os ao à às aos em no na nos nas com sem por para que é são era eram foi
        foram será serão há se um uma como entre até desde mais menos mas não sobre vírgula ponto
    """)
    ),
    endings=(
        *("a", "as", "ção", "ções", "são", "sões", "gião", "giões", "nião", "niões", "stão", "stões"),
        *("dade", "dades", "gem", "gens", "tude", "tudes", "ice", "ices", "triz", "trizes"),
    ),
    feminine=_plural_too(
        """
        noite tarde parte classe gente morte ponte fonte série frase fase base chave torre arte árvore carne
        nave neve mãe irmã manhã maçã mão lei rede face sede crise tese análise hipótese sorte sede espécie
        superfície saúde febre mente corrente variante moto foto tribo libido estante equipe metade posse pele
        catástrofe cidade haste serpente lente quilha romã lã
    """,
    )
    | _plural_too("mulher flor cor dor luz cruz voz vez raiz noz atriz colher", "es")
    | frozenset(listed("nuvem nuvens ordem ordens razão razões irmãs mães mãos leis origem margem")),
    masculine=_plural_too(
        """
        dia mapa planeta problema tema sistema programa idioma clima poema drama teorema diagrama sintoma aroma
        dilema esquema fantasma enigma telegrama panorama cometa poeta pirata cinema grama quilograma miligrama
        telefonema samba papa pijama sofá karma lema emblema prisma puma gorila diploma dogma trema fonema
        morfema profeta índice vértice cúmplice apêndice
    """,
    )
    | frozenset(listed("botão botões milhão milhões bilhão bilhões trilhão trilhões pajem pajens")),
)

ITALIAN: Final = Genders(
    either=frozenset(listed("grande gran breve semplice")),
    uncounted=frozenset(
        listed("""
        e ed o di del della dei degli delle dello a ad al alla ai agli alle allo da dal dalla in nel nella con
        su sul per tra fra che è sono era erano fu furono sarà ha hanno si lo la le il i gli un una come più
        meno ma non se anche virgola punto
    """)
    ),
    endings=("a", "zione", "sione", "gione", "nione", "stione", "tà", "tù", "trice", "ie", "udine"),
    feminine=frozenset(
        listed("""
        notte parte classe gente chiave croce luce voce legge rete morte madre nave neve fede mente fonte arte
        carne moglie estate mano radio auto moto foto torre base frase fase crisi tesi analisi ipotesi sintesi
        pelle valle febbre nube sede sorte specie serie superficie lente corrente serpe cornice radice pace noce
        botte
    """)
    ),
    masculine=frozenset(
        listed("""
        problema sistema programma tema clima poema dramma teorema diagramma sintomo aroma dilemma schema
        fantasma enigma telegramma panorama poeta pirata atleta cinema grammo papa pigiama sofà giornalista
        turista artista dentista autista pianeta profeta delta gorilla koala panda puma vaglia sosia chilogramma
    """)
    ),
)
