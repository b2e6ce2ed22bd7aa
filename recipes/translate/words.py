"""The closed world in four languages: every list the sentences are drawn from. Data, and how its lines are read."""

from dataclasses import dataclass

PERSONS = 5  # I, you (one person, familiar), he/she, we, they


@dataclass(frozen=True)
class Noun:
    """One thing in each language: what it is called alone and in plural, its gender, and the German form of the weak nouns."""

    english: tuple[str, str]
    french: tuple[str, str, str]
    german: tuple[str, str, str]
    spanish: tuple[str, str, str]
    weak: str = ""


@dataclass(frozen=True)
class Adjective:
    english: tuple[str, str]  # plain, comparative
    french: tuple[str, str, str, bool]  # he, she, he before a vowel, whether it stands before the noun
    german: tuple[str, str, str]  # plain, stem before endings, comparative
    spanish: tuple[str, str, str]  # he, she, the verb "to be" that it wants


@dataclass(frozen=True)
class Verb:
    """English: base, third person, past, -ing. The others: five present forms, what the past is made of, infinitive."""

    english: tuple[str, ...]
    french: tuple[str, ...]  # five forms, participle, auxiliary, infinitive
    german: tuple[str, ...]
    spanish: tuple[str, ...]  # five forms, five past forms, infinitive


def _lines(text: str) -> list[list[list[str]]]:
    return [[[word.replace("_", " ") for word in part.split()] for part in line.split("|")] for line in text.strip().splitlines()]


def _nouns(text: str) -> list[Noun]:
    return [Noun(tuple(e), tuple(f), tuple(g[:3]), tuple(s), g[3] if len(g) > 3 else "") for e, f, g, s in _lines(text)]


ANIMALS = _nouns("""
dog dogs | chien chiens m | Hund Hunde m | perro perros m
cat cats | chat chats m | Katze Katzen f | gato gatos m
bird birds | oiseau oiseaux m | Vogel Vögel m | pájaro pájaros m
horse horses | cheval chevaux m | Pferd Pferde n | caballo caballos m
cow cows | vache vaches f | Kuh Kühe f | vaca vacas f
goat goats | chèvre chèvres f | Ziege Ziegen f | cabra cabras f
pig pigs | cochon cochons m | Schwein Schweine n | cerdo cerdos m
mouse mice | souris souris f | Maus Mäuse f | ratón ratones m
rabbit rabbits | lapin lapins m | Kaninchen Kaninchen n | conejo conejos m
duck ducks | canard canards m | Ente Enten f | pato patos m
lion lions | lion lions m | Löwe Löwen m Löwen | león leones m
bear bears | ours ours m | Bär Bären m Bären | oso osos m
monkey monkeys | singe singes m | Affe Affen m Affen | mono monos m
elephant elephants | éléphant éléphants m | Elefant Elefanten m Elefanten | elefante elefantes m
""")
FOODS = _nouns("""
apple apples | pomme pommes f | Apfel Äpfel m | manzana manzanas f
banana bananas | banane bananes f | Banane Bananen f | plátano plátanos m
egg eggs | œuf œufs m | Ei Eier n | huevo huevos m
potato potatoes | pomme_de_terre pommes_de_terre f | Kartoffel Kartoffeln f | patata patatas f
tomato tomatoes | tomate tomates f | Tomate Tomaten f | tomate tomates m
carrot carrots | carotte carottes f | Karotte Karotten f | zanahoria zanahorias f
orange oranges | orange oranges f | Orange Orangen f | naranja naranjas f
cake cakes | gâteau gâteaux m | Kuchen Kuchen m | pastel pasteles m
""")
DISHES = _nouns("""
bread - | pain - m | Brot - n | pan - m
cheese - | fromage - m | Käse - m | queso - m
rice - | riz - m | Reis - m | arroz - m
soup - | soupe - f | Suppe - f | sopa - f
meat - | viande - f | Fleisch - n | carne - f
fish - | poisson - m | Fisch - m | pescado - m
salad - | salade - f | Salat - m | ensalada - f
chocolate - | chocolat - m | Schokolade - f | chocolate - m
""")
DRINKS = _nouns("""
water - | eau - f | Wasser - n | agua - f
milk - | lait - m | Milch - f | leche - f
coffee - | café - m | Kaffee - m | café - m
tea - | thé - m | Tee - m | té - m
wine - | vin - m | Wein - m | vino - m
juice - | jus - m | Saft - m | zumo - m
""")
THINGS = _nouns("""
book books | livre livres m | Buch Bücher n | libro libros m
car cars | voiture voitures f | Auto Autos n | coche coches m
house houses | maison maisons f | Haus Häuser n | casa casas f
table tables | table tables f | Tisch Tische m | mesa mesas f
chair chairs | chaise chaises f | Stuhl Stühle m | silla sillas f
bed beds | lit lits m | Bett Betten n | cama camas f
key keys | clé clés f | Schlüssel Schlüssel m | llave llaves f
bag bags | sac sacs m | Tasche Taschen f | bolso bolsos m
hat hats | chapeau chapeaux m | Hut Hüte m | sombrero sombreros m
shirt shirts | chemise chemises f | Hemd Hemden n | camisa camisas f
shoe shoes | chaussure chaussures f | Schuh Schuhe m | zapato zapatos m
coat coats | manteau manteaux m | Mantel Mäntel m | abrigo abrigos m
dress dresses | robe robes f | Kleid Kleider n | vestido vestidos m
bicycle bicycles | vélo vélos m | Fahrrad Fahrräder n | bicicleta bicicletas f
phone phones | téléphone téléphones m | Telefon Telefone n | teléfono teléfonos m
letter letters | lettre lettres f | Brief Briefe m | carta cartas f
newspaper newspapers | journal journaux m | Zeitung Zeitungen f | periódico periódicos m
picture pictures | image images f | Bild Bilder n | imagen imágenes f
flower flowers | fleur fleurs f | Blume Blumen f | flor flores f
tree trees | arbre arbres m | Baum Bäume m | árbol árboles m
door doors | porte portes f | Tür Türen f | puerta puertas f
window windows | fenêtre fenêtres f | Fenster Fenster n | ventana ventanas f
cup cups | tasse tasses f | Tasse Tassen f | taza tazas f
lamp lamps | lampe lampes f | Lampe Lampen f | lámpara lámparas f
train trains | train trains m | Zug Züge m | tren trenes m
bus buses | bus bus m | Bus Busse m | autobús autobuses m
""")
PEOPLE = _nouns("""
man men | homme hommes m | Mann Männer m | hombre hombres m
woman women | femme femmes f | Frau Frauen f | mujer mujeres f
boy boys | garçon garçons m | Junge Jungen m Jungen | chico chicos m
girl girls | fille filles f | Mädchen Mädchen n | chica chicas f
child children | enfant enfants m | Kind Kinder n | niño niños m
teacher teachers | professeur professeurs m | Lehrer Lehrer m | profesor profesores m
doctor doctors | médecin médecins m | Arzt Ärzte m | médico médicos m
""")
FAMILY = _nouns("""
mother mothers | mère mères f | Mutter Mütter f | madre madres f
father fathers | père pères m | Vater Väter m | padre padres m
sister sisters | sœur sœurs f | Schwester Schwestern f | hermana hermanas f
brother brothers | frère frères m | Bruder Brüder m | hermano hermanos m
grandmother grandmothers | grand-mère grands-mères f | Großmutter Großmütter f | abuela abuelas f
grandfather grandfathers | grand-père grands-pères m | Großvater Großväter m | abuelo abuelos m
aunt aunts | tante tantes f | Tante Tanten f | tía tías f
uncle uncles | oncle oncles m | Onkel Onkel m | tío tíos m
friend friends | ami amis m | Freund Freunde m | amigo amigos m
neighbour neighbours | voisin voisins m | Nachbar Nachbarn m Nachbarn | vecino vecinos m
""")

ADJECTIVES = {
    e[0]: Adjective((e[0], e[1]), (f[0], f[1], f[2] if len(f) > 2 and f[2] != "pre" else f[0], "pre" in f), tuple(g), tuple(s))
    for e, f, g, s in _lines("""
big bigger | grand grande pre | groß groß größer | grande grande ser
small smaller | petit petite pre | klein klein kleiner | pequeño pequeña ser
old older | vieux vieille vieil pre | alt alt älter | viejo vieja ser
new newer | nouveau nouvelle nouvel pre | neu neu neuer | nuevo nueva ser
beautiful more_beautiful | beau belle bel pre | schön schön schöner | bonito bonita ser
young younger | jeune jeune pre | jung jung jünger | joven joven ser
expensive more_expensive | cher chère | teuer teur teurer | caro cara ser
fast faster | rapide rapide | schnell schnell schneller | rápido rápida ser
slow slower | lent lente | langsam langsam langsamer | lento lenta ser
heavy heavier | lourd lourde | schwer schwer schwerer | pesado pesada ser
strong stronger | fort forte | stark stark stärker | fuerte fuerte ser
long longer | long longue | lang lang länger | largo larga ser
good better | bon bonne pre | gut gut besser | bueno buena ser
hot hotter | chaud chaude | heiß heiß heißer | caliente caliente estar
cold colder | froid froide | kalt kalt kälter | frío fría estar
clean cleaner | propre propre | sauber sauber sauberer | limpio limpia estar
dirty dirtier | sale sale | schmutzig schmutzig schmutziger | sucio sucia estar
tired - | fatigué fatiguée | müde müd - | cansado cansada estar
sick - | malade malade | krank krank - | enfermo enferma estar
happy - | heureux heureuse | glücklich glücklich - | feliz feliz ser
sad - | triste triste | traurig traurig - | triste triste estar
red - | rouge rouge | rot rot - | rojo roja ser
blue - | bleu bleue | blau blau - | azul azul ser
green - | vert verte | grün grün - | verde verde ser
yellow - | jaune jaune | gelb gelb - | amarillo amarilla ser
black - | noir noire | schwarz schwarz - | negro negra ser
white - | blanc blanche | weiß weiß - | blanco blanca ser
grey - | gris grise | grau grau - | gris gris ser
brown - | marron marron | braun braun - | marrón marrón ser
""")}
COLOURS = "red blue green yellow black white grey brown".split()
LOOKS = "big small old new beautiful expensive heavy clean dirty".split()
STATES = "tired sick happy sad".split()
CREATURE = "big small old young beautiful fast slow strong".split()
COMPARED = {"animal": "big small fast slow strong beautiful old young heavy".split(), "thing": "big small old new beautiful expensive heavy clean".split(),
            "person": "old young big small fast strong".split()}
TASTES = "good hot cold expensive".split()

VERBS = {e[0]: Verb(tuple(e), tuple(f), tuple(g), tuple(s)) for e, f, g, s in _lines("""
eat eats ate eating | mange manges mange mangeons mangent mangé avoir manger | esse isst isst essen essen gegessen haben essen | como comes come comemos comen comí comiste comió comimos comieron comer
drink drinks drank drinking | bois bois boit buvons boivent bu avoir boire | trinke trinkst trinkt trinken trinken getrunken haben trinken | bebo bebes bebe bebemos beben bebí bebiste bebió bebimos bebieron beber
buy buys bought buying | achète achètes achète achetons achètent acheté avoir acheter | kaufe kaufst kauft kaufen kaufen gekauft haben kaufen | compro compras compra compramos compran compré compraste compró compramos compraron comprar
sell sells sold selling | vends vends vend vendons vendent vendu avoir vendre | verkaufe verkaufst verkauft verkaufen verkaufen verkauft haben verkaufen | vendo vendes vende vendemos venden vendí vendiste vendió vendimos vendieron vender
see sees saw seeing | vois vois voit voyons voient vu avoir voir | sehe siehst sieht sehen sehen gesehen haben sehen | veo ves ve vemos ven vi viste vio vimos vieron ver
find finds found finding | trouve trouves trouve trouvons trouvent trouvé avoir trouver | finde findest findet finden finden gefunden haben finden | encuentro encuentras encuentra encontramos encuentran encontré encontraste encontró encontramos encontraron encontrar
look_for looks_for looked_for looking_for | cherche cherches cherche cherchons cherchent cherché avoir chercher | suche suchst sucht suchen suchen gesucht haben suchen | busco buscas busca buscamos buscan busqué buscaste buscó buscamos buscaron buscar
wash washes washed washing | lave laves lave lavons lavent lavé avoir laver | wasche wäschst wäscht waschen waschen gewaschen haben waschen | lavo lavas lava lavamos lavan lavé lavaste lavó lavamos lavaron lavar
read reads read reading | lis lis lit lisons lisent lu avoir lire | lese liest liest lesen lesen gelesen haben lesen | leo lees lee leemos leen leí leíste leyó leímos leyeron leer
write writes wrote writing | écris écris écrit écrivons écrivent écrit avoir écrire | schreibe schreibst schreibt schreiben schreiben geschrieben haben schreiben | escribo escribes escribe escribimos escriben escribí escribiste escribió escribimos escribieron escribir
open opens opened opening | ouvre ouvres ouvre ouvrons ouvrent ouvert avoir ouvrir | öffne öffnest öffnet öffnen öffnen geöffnet haben öffnen | abro abres abre abrimos abren abrí abriste abrió abrimos abrieron abrir
close closes closed closing | ferme fermes ferme fermons ferment fermé avoir fermer | schließe schließt schließt schließen schließen geschlossen haben schließen | cierro cierras cierra cerramos cierran cerré cerraste cerró cerramos cerraron cerrar
cook cooks cooked cooking | cuisine cuisines cuisine cuisinons cuisinent cuisiné avoir cuisiner | koche kochst kocht kochen kochen gekocht haben kochen | cocino cocinas cocina cocinamos cocinan cociné cocinaste cocinó cocinamos cocinaron cocinar
help helps helped helping | aide aides aide aidons aident aidé avoir aider | helfe hilfst hilft helfen helfen geholfen haben helfen | ayudo ayudas ayuda ayudamos ayudan ayudé ayudaste ayudó ayudamos ayudaron ayudar
sleep sleeps slept sleeping | dors dors dort dormons dorment dormi avoir dormir | schlafe schläfst schläft schlafen schlafen geschlafen haben schlafen | duermo duermes duerme dormimos duermen dormí dormiste durmió dormimos durmieron dormir
work works worked working | travaille travailles travaille travaillons travaillent travaillé avoir travailler | arbeite arbeitest arbeitet arbeiten arbeiten gearbeitet haben arbeiten | trabajo trabajas trabaja trabajamos trabajan trabajé trabajaste trabajó trabajamos trabajaron trabajar
swim swims swam swimming | nage nages nage nageons nagent nagé avoir nager | schwimme schwimmst schwimmt schwimmen schwimmen geschwommen sein schwimmen | nado nadas nada nadamos nadan nadé nadaste nadó nadamos nadaron nadar
run runs ran running | cours cours court courons courent couru avoir courir | renne rennst rennt rennen rennen gerannt sein rennen | corro corres corre corremos corren corrí corriste corrió corrimos corrieron correr
play plays played playing | joue joues joue jouons jouent joué avoir jouer | spiele spielst spielt spielen spielen gespielt haben spielen | juego juegas juega jugamos juegan jugué jugaste jugó jugamos jugaron jugar
dance dances danced dancing | danse danses danse dansons dansent dansé avoir danser | tanze tanzt tanzt tanzen tanzen getanzt haben tanzen | bailo bailas baila bailamos bailan bailé bailaste bailó bailamos bailaron bailar
sing sings sang singing | chante chantes chante chantons chantent chanté avoir chanter | singe singst singt singen singen gesungen haben singen | canto cantas canta cantamos cantan canté cantaste cantó cantamos cantaron cantar
laugh laughs laughed laughing | ris ris rit rions rient ri avoir rire | lache lachst lacht lachen lachen gelacht haben lachen | río ríes ríe reímos ríen reí reíste rió reímos rieron reír
go goes went going | vais vas va allons vont allé être aller | gehe gehst geht gehen gehen gegangen sein gehen | voy vas va vamos van fui fuiste fue fuimos fueron ir
""")}
# What is eaten, read and so on: the lists from which each verb takes its object.
OBJECTS = {"eat": (FOODS, DISHES), "drink": (DRINKS,), "buy": (FOODS, DISHES, THINGS), "sell": (THINGS, FOODS), "see": (ANIMALS, THINGS), "find": (THINGS,),
           "look for": (THINGS,), "wash": (THINGS[1:2] + THINGS[8:13] + THINGS[22:23],), "read": (THINGS[0:1] + THINGS[15:17],), "write": (THINGS[0:1] + THINGS[15:16],),
           "open": (THINGS[20:22],), "close": (THINGS[20:22],), "cook": (DISHES[2:6],)}
DOING = "sleep work swim run play dance sing laugh cook".split()
ANIMAL_DOING = "sleep swim run play".split()

# Where one is, and where one goes.
PLACES = [tuple(tuple(word.strip() for word in part.split(",")) for part in line.split("|")) for line in """
at school, to school | à l'école, à l'école | in der Schule, in die Schule | en la escuela, a la escuela
at home, home | à la maison, à la maison | zu Hause, nach Hause | en casa, a casa
at the market, to the market | au marché, au marché | auf dem Markt, auf den Markt | en el mercado, al mercado
in the park, to the park | dans le parc, au parc | im Park, in den Park | en el parque, al parque
at the beach, to the beach | à la plage, à la plage | am Strand, an den Strand | en la playa, a la playa
at the station, to the station | à la gare, à la gare | am Bahnhof, zum Bahnhof | en la estación, a la estación
at the cinema, to the cinema | au cinéma, au cinéma | im Kino, ins Kino | en el cine, al cine
in the restaurant, to the restaurant | au restaurant, au restaurant | im Restaurant, ins Restaurant | en el restaurante, al restaurante
in the hospital, to the hospital | à l'hôpital, à l'hôpital | im Krankenhaus, ins Krankenhaus | en el hospital, al hospital
in the library, to the library | à la bibliothèque, à la bibliothèque | in der Bibliothek, in die Bibliothek | en la biblioteca, a la biblioteca
in the garden, to the garden | dans le jardin, dans le jardin | im Garten, in den Garten | en el jardín, al jardín
in the kitchen, to the kitchen | dans la cuisine, dans la cuisine | in der Küche, in die Küche | en la cocina, a la cocina
in the city, to the city | en ville, en ville | in der Stadt, in die Stadt | en la ciudad, a la ciudad
at the office, to the office | au bureau, au bureau | im Büro, ins Büro | en la oficina, a la oficina
at the museum, to the museum | au musée, au musée | im Museum, ins Museum | en el museo, al museo
at the airport, to the airport | à l'aéroport, à l'aéroport | am Flughafen, zum Flughafen | en el aeropuerto, al aeropuerto
at the lake, to the lake | au lac, au lac | am See, an den See | en el lago, al lago
in the village, to the village | au village, au village | im Dorf, ins Dorf | en el pueblo, al pueblo
""".strip().splitlines()]
COUNTRIES = [line.split() for line in """France France Frankreich Francia|Germany Allemagne Deutschland Alemania|Spain Espagne Spanien España
Italy Italie Italien Italia|England Angleterre England Inglaterra|Portugal Portugal Portugal Portugal|Ireland Irlande Irland Irlanda""".replace("\n", "|").split("|")]
CITIES = [line.split() for line in """Paris Paris Paris París|Berlin Berlin Berlin Berlín|Madrid Madrid Madrid Madrid|London Londres London Londres
Rome Rome Rom Roma|Vienna Vienne Wien Viena|Lisbon Lisbonne Lissabon Lisboa|Geneva Genève Genf Ginebra|Dublin Dublin Dublin Dublín""".replace("\n", "|").split("|")]
LANGUAGES = [line.split() for line in "English anglais Englisch inglés|French français Französisch francés|German allemand Deutsch alemán|Spanish espagnol Spanisch español|Italian italien Italienisch italiano".split("|")]
NAMES = [(name, "m") for name in "Paul Tom Leo Max David Peter Hugo Adam".split()] + [(name, "f") for name in "Anna Maria Lisa Emma Sara Nina Julia Clara".split()]

# Times: each language, and the tense that they go with.
TIMES = {line.split("|")[0]: [tuple(part.split(",")) for part in line.split("|")[1:]] for line in """
present|today,aujourd'hui,heute,hoy|every day,tous les jours,jeden Tag,todos los días|now,maintenant,jetzt,ahora|in the evening,le soir,am Abend,por la noche|in the morning,le matin,am Morgen,por la mañana
past|yesterday,hier,gestern,ayer|last week,la semaine dernière,letzte Woche,la semana pasada|last year,l'année dernière,letztes Jahr,el año pasado|yesterday evening,hier soir,gestern Abend,ayer por la noche
future|tomorrow,demain,morgen,mañana|next week,la semaine prochaine,nächste Woche,la próxima semana|next year,l'année prochaine,nächstes Jahr,el próximo año|soon,bientôt,bald,pronto
""".strip().splitlines()}
DAYS = [line.split(",") for line in "Monday,lundi,Montag,lunes|Tuesday,mardi,Dienstag,martes|Wednesday,mercredi,Mittwoch,miércoles|Thursday,jeudi,Donnerstag,jueves|Friday,vendredi,Freitag,viernes|Saturday,samedi,Samstag,sábado|Sunday,dimanche,Sonntag,domingo".split("|")]
NUMBERS = [line.split() for line in """zero zéro null cero|one un eins uno|two deux zwei dos|three trois drei tres|four quatre vier cuatro|five cinq fünf cinco|six six sechs seis
seven sept sieben siete|eight huit acht ocho|nine neuf neun nueve|ten dix zehn diez|eleven onze elf once|twelve douze zwölf doce""".replace("\n", "|").split("|")]
