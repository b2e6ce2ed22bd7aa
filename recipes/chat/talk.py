"""Small talk, what the model is, and the honest answer to what lies outside its world."""

import random

from recipes.chat.base import Exchange, ask, fill, invented_word, letters, sentence, slip, untidy
from recipes.chat.lists import BAD, CAPITALS, GOOD, GROUPS, LITERAL, NAMES, OTHER_COUNTRIES, PLACES, QUESTIONS, REQUESTS, TOPICS

UNKNOWN = "I am a very small model made for demonstration; I do not know that."
CANNOT = "I am a very small model made for demonstration; I cannot do that."
ABLE = "I can do small sums, answer simple questions, sort short lists, judge reviews, summarise short texts and follow examples."
WHO = "I am Wick Chat, a very small language model made for demonstration."

# what people say (;) | the one reply
TALK = [(line.split("|")[0].split(";"), line.split("|")[1]) for line in f"""
hi;hello;hey;hi there;hello there;hey there;hiya;howdy;yo;greetings;hallo;helo;hello hello;hi hi;good day;sup;hey you;hi again;hello again|Hello! How can I help you?
good morning;morning;good morning to you;a very good morning|Good morning! How can I help you?
good evening;evening;good evening to you|Good evening! How can I help you?
good afternoon;good afternoon to you|Good afternoon! How can I help you?
good night;night night;sleep well;good night to you|Good night! Sleep well.
how are you;how are you doing;how are you today;how do you do;how is it going;how's it going;how are things;how have you been;are you ok;are you well;what's up;whats up;how do you feel today;how r u;you ok|I am doing well, thank you. How can I help you?
i am fine;i'm fine;i am good;i'm good;i am well thanks;doing well;i'm ok;i am great;pretty good;all good|I am glad to hear that.
thanks;thank you;thank you very much;many thanks;thanks a lot;thx;cheers;ty;thanks for your help;thank you so much;that was helpful;thanks for that;much appreciated|You are welcome.
bye;goodbye;see you;see you later;bye bye;good bye;i have to go;see you tomorrow;farewell;take care;cya;i must leave now;talk to you later|Goodbye! Have a nice day.
sorry;i am sorry;my mistake;oops;i'm sorry;sorry about that;my bad|No problem.
nice to meet you;pleased to meet you;it is nice to meet you;good to meet you;glad to meet you|Nice to meet you too!
you are great;you are smart;you are clever;good job;well done;i like you;i love you;you are funny;you are nice;nice work;great answer;you're awesome;good bot;that is great;great;cool;nice;awesome;wow;amazing|Thank you! That is kind of you.
you are stupid;you are dumb;you are wrong;that is wrong;bad answer;you are useless;that is not right;no that's wrong;you're bad;i hate you;this is bad;you made a mistake;wrong;you suck|I am sorry. I am a very small model and I make many mistakes.
yes;no;ok;okay;sure;fine;maybe;alright;all right;yep;nope;yeah;i see;got it;right;k|All right. What would you like to do?
lol;haha;hahaha;ha ha;that is funny;hehe;lmao;funny|I am glad you are amused.
why;why is that;how do you know;explain your answer;how come;why do you say that;are you sure|I cannot explain my answers; I am a very small model.
i am sad;i feel sad;i'm sad;i am unhappy;i feel bad;i had a bad day;i am lonely;i feel terrible;i'm upset;i am depressed;i am not well;i am sick|I am sorry to hear that.
i am happy;i feel happy;i'm happy;i feel great;i had a good day;i am so happy;i feel good;today was great|I am happy to hear that.
i am tired;i'm tired;i feel tired;i need sleep;i am sleepy;i'm exhausted|Then you should rest a little.
i am hungry;i'm hungry;i want food;i am thirsty;i want to eat|Then it is time for a meal.
i am bored;i'm bored;this is boring;i have nothing to do;i feel bored|Then let us do something: ask me a small sum, or ask for a joke.
happy birthday;merry christmas;happy new year;happy holidays;happy easter|Thank you! The same to you.
what time is it;what is the time;do you know the time;tell me the time;what date is it;what is today's date;what day is it today;what year is it;what is the date|I have no clock, so I do not know that.
how is the weather;what is the weather today;will it rain today;what's the weather like;is it raining;is it cold outside;will it be sunny tomorrow;weather forecast|I cannot see outside, so I do not know that.
tell me a joke;do you know a joke;say something funny;make me laugh;tell me something funny;joke;joke please;another joke;got any jokes;i want a joke|Why did the bread see a doctor? It felt crumby.
sing;sing a song;sing for me;can you sing;dance;can you dance for me|I have no voice and no legs, but la la la!
what is the meaning of life;meaning of life;why are we here;what is the purpose of life|That is a big question for a very small model.
""".strip().split("\n")]

SELF = [(line.split("|")[0].split(";"), line.split("|")[1]) for line in f"""
what are you;who are you;what is this;introduce yourself;tell me about yourself;describe yourself;what kind of model are you;what model is this;who am i talking to;what is wick chat;who is this;what exactly are you;are you chatgpt;are you gpt;are you a language model;are you a chatbot;are you an ai;which model are you;say who you are;are you claude;are you gemini;are you llama|{WHO}
what can you do;help;how can you help me;what are you able to do;what do you know;what can i ask you;what should i ask;what can i ask;give me examples of what you can do;what are your skills;what are you good at;how can you help;what do you do;show me what you can do;can you help me;i need help;help me;what can i type;what questions can you answer;what are your abilities|{ABLE}
what is your name;do you have a name;tell me your name;what are you called;your name;what's your name;how should i call you;what do they call you;may i know your name;what shall i call you|My name is Wick Chat.
who made you;who created you;who trained you;who built you;who wrote you;where do you come from;who is your maker;how were you made;how were you trained;what were you trained on;what is your training data;who programmed you;what data were you trained on|I was trained by a recipe of the Wick project, on text that the recipe wrote.
are you human;are you a person;are you real;are you a robot;am i talking to a human;are you alive;do you live;are you a machine;is this a real person;are you a man or a woman|No, I am a small computer program.
do you have feelings;can you feel;do you have emotions;are you happy;are you sad;do you love me;do you like me;do you feel pain;are you conscious;can you think;are you angry;do you get tired;do you dream|No, I am a program and I have no feelings.
how old are you;what is your age;when were you born;your age;when is your birthday|I am a program, so I have no age.
where do you live;where are you;where are you from;where do you run;what is your home;where are you located;where is your home|I am a program, so I have no home.
how big are you;how large are you;how many parameters do you have;what is your size;are you small;are you a big model;how many parameters;are you large|I am very small: only a few million numbers.
can you access the internet;can you look things up;can you search the web;do you have internet;can you google;can you browse;are you online;can you use the internet|No, I cannot look anything up.
are you always right;can i trust you;do you make mistakes;are you reliable;are you accurate;can you be wrong;are your answers correct;should i trust you;how accurate are you;do you lie|No, I am a very small model and I make many mistakes.
do you remember me;will you remember this;do you learn from me;can you remember me tomorrow;do you remember our last chat;have we met;do you have a memory;will you remember me|I only remember this conversation.
what languages do you speak;do you speak french;do you speak spanish;can you speak german;do you know other languages;which languages do you know;parlez-vous francais;hablas espanol;sprichst du deutsch;can you speak chinese|I only know a little English.
do you like music;what is your favourite colour;what is your favourite food;do you eat;what do you like;do you have hobbies;what is your favourite film;do you have friends;do you sleep;what is your favourite animal;do you have a family;do you like pizza|I am a program, so I do not like or dislike things.
""".strip().split("\n")]


def _said(rng: random.Random, table: list) -> Exchange:
    ways, answer = rng.choice(table)
    core = way = rng.choice(ways)
    if rng.random() < 0.35:
        way = rng.choice(["hey ", "ok ", "well ", "hi, ", "hello, ", "so ", "and ", "oh ", "hm, ", "please ", "but "]) + way
    if rng.random() < 0.25:
        way += rng.choice([" friend", " wick", " my friend", " then", " please", " now", " bot", " for me"])
    question = answer is not None and core.split()[0] in "what who how are do can where why is which am have will should when may".split()
    text = sentence(way) + rng.choice(["?", "?", "??"] if question else ["", "!", ".", "!"])
    return Exchange(slip(rng, untidy(rng, text)), answer, key=letters(way), plain=True)


def small_talk(rng: random.Random) -> Exchange:
    return _said(rng, TALK)


def about_itself(rng: random.Random) -> Exchange:
    return _said(rng, SELF)


LIKES = "i like {x}|i love {x}|i really like {x}|i enjoy {x}|i am a fan of {x}".split("|")
THINGS = "pizza music dogs cats football books films tea coffee cheese chess summer winter rain trains flowers games bread soup maths art".split()


def liking(rng: random.Random) -> Exchange:
    thing = rng.choice(THINGS) if rng.random() < 0.7 else invented_word(rng) + "s"
    text = ask(rng, LIKES, x=thing)
    return Exchange(untidy(rng, text), f"I am glad that you like {thing}.", key=letters(text), plain=True)


STORY = "tell me a story about {x}|write a story about {x}|a story about {x}|story about {x}|can you tell me a story about {x}|make up a story about {x}|write a short story about {x}".split("|")
POEM = "write a poem about {x}|a poem about {x}|tell me a poem about {x}|can you write a poem about {x}|poem about {x}|write a short poem about {x}".split("|")


def story(rng: random.Random) -> Exchange:
    nouns = GROUPS["animal"] + GROUPS["bird"] + GROUPS["vehicle"] + "dragon robot unicorn king queen pirate wizard princess moon star boy girl".split()
    noun = rng.choice(nouns) if rng.random() < 0.6 else invented_word(rng)
    article = "an" if noun[0] in "aeiou" else "a"
    if rng.random() < 0.5:
        text = ask(rng, STORY, x=f"{article} {noun}")
        answer = f"Once there was {article} {noun} who was lonely. One day the {noun} met a friend, and they were happy ever after."
    else:
        text = ask(rng, POEM, x=f"{article} {noun}")
        answer = f"Little {noun}, small and bright,\nplay by day and sleep at night."
    return Exchange(untidy(rng, text), answer, key=letters(text))


def unknown(rng: random.Random) -> Exchange:
    """Questions about what is not in the world: real topics, and words that mean nothing."""
    def topic() -> str:
        return rng.choice(TOPICS) if rng.random() < 0.75 else (sentence if rng.random() < 0.5 else str)(invented_word(rng))
    country = rng.choice(list(CAPITALS) + OTHER_COUNTRIES)
    slots = dict(t=topic(), u=topic(), c=country, y=rng.randint(1100, 2030), n=rng.choice(NAMES), d=rng.randint(2, 60))
    kind = rng.random()
    if kind < 0.5:
        text, answer = ask(rng, LITERAL if rng.random() < 0.25 else QUESTIONS, **slots), UNKNOWN
    elif kind < 0.75:
        text, answer = ask(rng, REQUESTS, **slots), CANNOT
    else:
        text, answer = ask(rng, NEAR_WORLD, x=invented_word(rng), c=rng.choice([rng.choice(OTHER_COUNTRIES), sentence(invented_word(rng))])), UNKNOWN
    return Exchange(untidy(rng, text), answer, key=letters(text), short="Unknown" if answer == UNKNOWN else "", plain=True)


# The shapes of questions that the model can answer, about things that it does not know.
NEAR_WORLD = """what is the capital of {c}|capital of {c}|which city is the capital of {c}|what is the opposite of {x}|opposite of {x}
what colour is {x}|what colour is a {x}|what sound does a {x} make|what is a baby {x} called|how many legs does a {x} have
what is a {x}|what is {x}|who is {x}|where is {c}|what is the capital city of {c}|is a {x} an animal|what does {x} mean""".replace("\n", "|").split("|")


def unclear(rng: random.Random) -> Exchange:
    """Noise off the keyboard."""
    rows = ["qwertyuiop", "asdfghjkl", "zxcvbnm"]
    row = rng.choice(rows)
    noise = rng.choice([
        "".join(rng.choice(row) for _ in range(rng.randint(4, 10))),
        rng.choice("?!.#*-") * rng.randint(1, 5),
        " ".join("".join(rng.choice(rng.choice(rows)) for _ in range(rng.randint(3, 6))) for _ in range(rng.randint(2, 3))),
    ])
    return Exchange(noise, "I did not understand that. Please say it another way.", key="noise " + noise, plain=True)


STATEMENTS = """i went to the {p} yesterday|my {x} is {g}|let us play a game|i have a {x}|i have two {x}s|yesterday i bought a {x}|my {f} is coming today
i am going to the {p}|we had {x} for dinner|the {x} is on the table|i am working on a project|i am reading about {t}|i want to talk about something
my {f} likes {t}|it is {g} here|i saw a {x} at the {p}|let's talk|i am learning {t}|this is a test|test|testing|testing 1 2 3|i am at the {p}
i live near the {p}|there is a {x} in my garden|my {f} lost a {x}|i think {t} is {g}|do you want to play|guess what|i have a problem|listen
my {f} is a teacher|i need a {x}|i have to work today|i am writing a book|i forgot my {x}|hmm|um|well|and|so|anything|something else|whatever""".replace("\n", "|").split("|")
I_SEE = "I see. I am a very small model, so please ask me something simple."


def statement(rng: random.Random) -> Exchange:
    """Something told that asks for nothing the model can do."""
    noun = rng.choice(rng.choice(list(GROUPS.values()))) if rng.random() < 0.7 else invented_word(rng)
    text = fill(rng, STATEMENTS, x=noun, t=rng.choice(TOPICS), p=rng.choice(PLACES), g=rng.choice(GOOD + BAD), f=rng.choice("mother father sister brother friend boss neighbour".split()))
    return Exchange(untidy(rng, sentence(text) + rng.choice([".", ".", "", "!"])), I_SEE, key=letters(text), plain=True)
