"""Sentences that are not built from clauses: greetings and other set phrases, names, the clock, the calendar, short questions."""

import random
import re

from recipes.translate import english, french, german, spanish
from recipes.translate.meaning import Thing, number
from recipes.translate.words import DAYS, FAMILY, FOODS, NAMES, PLACES, THINGS

SAYS = (english, french, german, spanish)
Four = tuple[str, str, str, str]

SET_PHRASES: list[Four] = [tuple(part.strip() for part in line.split("|")) for line in """
Hello! | Bonjour ! | Hallo! | ¡Hola!
Good morning! | Bonjour ! | Guten Morgen! | ¡Buenos días!
Good evening! | Bonsoir ! | Guten Abend! | ¡Buenas tardes!
Good night! | Bonne nuit ! | Gute Nacht! | ¡Buenas noches!
Goodbye! | Au revoir ! | Auf Wiedersehen! | ¡Adiós!
See you tomorrow! | À demain ! | Bis morgen! | ¡Hasta mañana!
See you soon! | À bientôt ! | Bis bald! | ¡Hasta pronto!
How are you? | Comment vas-tu ? | Wie geht es dir? | ¿Cómo estás?
I am fine, thank you. | Je vais bien, merci. | Mir geht es gut, danke. | Estoy bien, gracias.
Thank you! | Merci ! | Danke! | ¡Gracias!
Thank you very much! | Merci beaucoup ! | Vielen Dank! | ¡Muchas gracias!
You are welcome. | De rien. | Gern geschehen. | De nada.
Please. | S'il te plaît. | Bitte. | Por favor.
Excuse me. | Excuse-moi. | Entschuldigung. | Perdón.
I am sorry. | Je suis désolé. | Es tut mir leid. | Lo siento.
Yes, please. | Oui, s'il te plaît. | Ja, bitte. | Sí, por favor.
No, thank you. | Non, merci. | Nein, danke. | No, gracias.
Yes. | Oui. | Ja. | Sí.
No. | Non. | Nein. | No.
Welcome! | Bienvenue ! | Willkommen! | ¡Bienvenido!
Congratulations! | Félicitations ! | Herzlichen Glückwunsch! | ¡Felicidades!
Happy birthday! | Joyeux anniversaire ! | Alles Gute zum Geburtstag! | ¡Feliz cumpleaños!
Have a good trip! | Bon voyage ! | Gute Reise! | ¡Buen viaje!
Good luck! | Bonne chance ! | Viel Glück! | ¡Buena suerte!
Enjoy your meal! | Bon appétit ! | Guten Appetit! | ¡Buen provecho!
Cheers! | Santé ! | Prost! | ¡Salud!
Help! | Au secours ! | Hilfe! | ¡Socorro!
I do not understand. | Je ne comprends pas. | Ich verstehe nicht. | No entiendo.
I do not know. | Je ne sais pas. | Ich weiß nicht. | No sé.
Can you help me? | Peux-tu m'aider ? | Kannst du mir helfen? | ¿Puedes ayudarme?
What is your name? | Comment t'appelles-tu ? | Wie heißt du? | ¿Cómo te llamas?
How old are you? | Quel âge as-tu ? | Wie alt bist du? | ¿Cuántos años tienes?
Where do you live? | Où habites-tu ? | Wo wohnst du? | ¿Dónde vives?
Where do you come from? | D'où viens-tu ? | Woher kommst du? | ¿De dónde vienes?
What time is it? | Quelle heure est-il ? | Wie spät ist es? | ¿Qué hora es?
What day is it today? | Quel jour sommes-nous ? | Welcher Tag ist heute? | ¿Qué día es hoy?
What is this? | Qu'est-ce que c'est ? | Was ist das? | ¿Qué es esto?
Who is that? | Qui est-ce ? | Wer ist das? | ¿Quién es?
What are you doing? | Que fais-tu ? | Was machst du? | ¿Qué haces?
Where are you? | Où es-tu ? | Wo bist du? | ¿Dónde estás?
Do you speak English? | Est-ce que tu parles anglais ? | Sprichst du Englisch? | ¿Hablas inglés?
I love you. | Je t'aime. | Ich liebe dich. | Te quiero.
Wait! | Attends ! | Warte! | ¡Espera!
Come here! | Viens ici ! | Komm her! | ¡Ven aquí!
Look! | Regarde ! | Schau! | ¡Mira!
Listen! | Écoute ! | Hör zu! | ¡Escucha!
Be careful! | Fais attention ! | Pass auf! | ¡Ten cuidado!
The bill, please. | L'addition, s'il te plaît. | Die Rechnung, bitte. | La cuenta, por favor.
Nice to meet you. | Enchanté. | Freut mich. | Encantado.
Of course. | Bien sûr. | Natürlich. | Por supuesto.
No problem. | Pas de problème. | Kein Problem. | No hay problema.
That is true. | C'est vrai. | Das stimmt. | Es verdad.
It is very good. | C'est très bon. | Es ist sehr gut. | Está muy bueno.
I am lost. | Je suis perdu. | Ich habe mich verlaufen. | Estoy perdido.
I am in a hurry. | Je suis pressé. | Ich habe es eilig. | Tengo prisa.
""".strip().splitlines()]


GREETINGS = [four for four in SET_PHRASES if four[0] in ("Hello!", "Good morning!", "Good evening!")]
OPENINGS = [four for four in SET_PHRASES if four[0] in ("How are you?", "What is your name?", "Where do you live?", "Where do you come from?", "Can you help me?", "What are you doing?")]


def greeting(rng: random.Random) -> Four:
    """Hello, how are you?"""
    hello = [text.strip("¡! ") for text in rng.choice(GREETINGS)]
    name = rng.choice(NAMES)[0]
    mine = (f"my name is {name}.", f"je m'appelle {name}.", f"ich heiße {name}.", f"me llamo {name}.")
    rest = mine if rng.random() < 0.3 else tuple(re.sub(r"\w", lambda m: m[0].lower(), text, count=1) for text in rng.choice(OPENINGS))
    return tuple(f"{one}, {other}" for one, other in zip(hello, rest))


def set_phrase(rng: random.Random) -> Four:
    return rng.choice(SET_PHRASES)


def named(rng: random.Random) -> Four:
    name, sex = rng.choice(NAMES)
    she = sex == "f"
    relative = rng.choice([noun for noun in FAMILY if (noun.german[2] == "f") == she])
    of = rng.choice(["my", "your", "our"])
    who = [language.thing(Thing(of, relative)) for language in SAYS]
    return rng.choice([
        (f"My name is {name}.", f"Je m'appelle {name}.", f"Ich heiße {name}.", f"Me llamo {name}."),
        (f"{who[0]} is called {name}.", french.tidy(f"{who[1]} s'appelle {name}."), f"{who[2]} heißt {name}.", f"{who[3]} se llama {name}."),
        (f"This is {name}.", french.tidy(f"C'est {name}."), f"Das ist {name}.", f"Este es {name}." if not she else f"Esta es {name}."),
        (f"This is {who[0]}.", french.tidy(f"C'est {who[1]}."), f"Das ist {who[2]}.", ("Esta es " if relative.spanish[2] == "f" else "Este es ") + f"{who[3]}."),
        (f"Good morning, {name}!", f"Bonjour, {name} !", f"Guten Morgen, {name}!", f"¡Buenos días, {name}!"),
        (f"Thank you, {name}!", f"Merci, {name} !", f"Danke, {name}!", f"¡Gracias, {name}!"),
        (f"See you tomorrow, {name}!", f"À demain, {name} !", f"Bis morgen, {name}!", f"¡Hasta mañana, {name}!"),
    ])


def clock(rng: random.Random) -> Four:
    hour, part = rng.randint(1, 12), rng.randrange(4)
    after = hour % 12 + 1
    words = [number(hour, language) for language in range(4)]
    coming = [number(after, language) for language in range(4)]

    def heures(count: int) -> str:
        return "une heure" if count == 1 else f"{number(count, 1)} heures"

    def hora(count: int) -> str:
        return "Es la una" if count == 1 else f"Son las {number(count, 3)}"

    return (
        (f"It is {words[0]} o'clock.", f"Il est {heures(hour)}.", f"Es ist {'ein' if hour == 1 else words[2]} Uhr.", f"{hora(hour)}."),
        (f"It is quarter past {words[0]}.", f"Il est {heures(hour)} et quart.", f"Es ist Viertel nach {words[2]}.", f"{hora(hour)} y cuarto."),
        (f"It is half past {words[0]}.", f"Il est {heures(hour)} et demie.", f"Es ist halb {coming[2]}.", f"{hora(hour)} y media."),
        (f"It is quarter to {coming[0]}.", f"Il est {heures(after)} moins le quart.", f"Es ist Viertel vor {coming[2]}.", f"{hora(after)} menos cuarto."),
    )[part]


def calendar(rng: random.Random) -> Four:
    en, fr, de, es = rng.choice(DAYS)
    place = rng.choice(PLACES)
    name = rng.choice(NAMES)[0]
    return rng.choice([
        (f"Today is {en}.", f"Aujourd'hui, c'est {fr}.", f"Heute ist {de}.", f"Hoy es {es}."),
        (f"Tomorrow is {en}.", f"Demain, c'est {fr}.", f"Morgen ist {de}.", f"Mañana es {es}."),
        (f"Yesterday was {en}.", f"Hier, c'était {fr}.", f"Gestern war {de}.", f"Ayer fue {es}."),
        (f"On {en} we go {place[0][1]}.", f"{fr.capitalize()}, nous allons {place[1][1]}.", f"Am {de} gehen wir {place[2][1]}.", f"El {es} vamos {place[3][1]}."),
        (f"On {en} I work {place[0][0]}.", f"{fr.capitalize()}, je travaille {place[1][0]}.", f"Am {de} arbeite ich {place[2][0]}.", f"El {es} trabajo {place[3][0]}."),
        (f"{name} comes on {en}.", f"{name} vient {fr}.", f"{name} kommt am {de}.", f"{name} viene el {es}."),
    ])


def short_question(rng: random.Random) -> Four:
    what = Thing(rng.choice(["the", "the", "my", "your"]), rng.choice(THINGS + FOODS), many=rng.random() < 0.3)
    who = Thing(rng.choice(["my", "your", "our"]), rng.choice(FAMILY))
    place = rng.choice(PLACES)
    w = [language.thing(what) for language in SAYS]
    p = [language.thing(who) for language in SAYS]
    verb = ("are", "sont", "sind", "están", "cuestan", "kosten", "coûtent", "do") if what.many else ("is", "est", "ist", "está", "cuesta", "kostet", "coûte", "does")
    return rng.choice([
        (f"Where {verb[0]} {w[0]}?", f"Où {verb[1]} {w[1]} ?", f"Wo {verb[2]} {w[2]}?", f"¿Dónde {verb[3]} {w[3]}?"),
        (f"How much {verb[7]} {w[0]} cost?", f"Combien {verb[6]} {w[1]} ?", f"Wie viel {verb[5]} {w[2]}?", f"¿Cuánto {verb[4]} {w[3]}?"),
        (f"Where is {p[0]}?", f"Où est {p[1]} ?", f"Wo ist {p[2]}?", f"¿Dónde está {p[3]}?"),
        (f"How old is {p[0]}?", f"Quel âge a {p[1]} ?", f"Wie alt ist {p[2]}?", f"¿Cuántos años tiene {p[3]}?"),
        (f"Who is {place[0][0]}?", f"Qui est {place[1][0]} ?", f"Wer ist {place[2][0]}?", f"¿Quién está {place[3][0]}?"),
    ])
