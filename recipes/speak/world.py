"""Short English sentences to be said aloud: those that `recipes/listen` knows, what is counted or seen in pictures, everyday talk, and rows of words for the sounds.

    python -m recipes.speak.world        # writes thirty of them
"""

import random
import zlib
from collections.abc import Callable, Iterator

from recipes.listen import world as listening

TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
UNITS = "one two three four five six seven eight nine".split()
SMALL = [*UNITS, *"ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()]
MANY = """bowls glasses cups spoons plates bottles knives forks chairs tables benches lamps books clocks vases boxes bags umbrellas hats shoes phones laptops keyboards televisions remotes ovens pizzas sandwiches
apples oranges bananas carrots cakes donuts dogs cats horses sheep cows elephants bears zebras giraffes birds people women men children cars buses trucks trains boats planes bicycles motorcycles skateboards
surfboards kites balls gloves bats rackets skis trees flowers houses windows doors circles squares triangles stars hearts crosses rings arrows ties suitcases toothbrushes scissors mushrooms leaves fish mice geese""".split()
NOUNS = """street bridge river mountain valley beach ocean island forest meadow village market church castle tower garden kitchen bathroom bedroom office school hospital library museum theater station airport
cup bowl plate spoon fork knife bottle table chair couch bed lamp mirror picture window door wall floor roof stair key lock bell drum guitar piano violin trumpet camera phone computer engine wheel machine
dog cat horse cow sheep goat pig mouse rabbit fox wolf bear lion tiger monkey elephant giraffe zebra bird owl eagle duck goose chicken fish shark whale frog snake spider butterfly
apple pear orange lemon banana cherry grape peach melon onion potato tomato carrot pepper bean rice bread butter cheese yogurt sugar honey salt soup salad pizza cake pie cookie juice coffee tea milk water
king queen doctor nurse teacher student farmer baker driver pilot soldier judge lawyer artist singer dancer writer player friend neighbor cousin uncle father mother brother sister daughter son baby boy girl
hat coat shirt dress skirt shoe boot glove scarf belt ring watch pocket button zipper ball kite toy game puzzle box bag basket bucket rope chain hammer nail saw brush paper pencil letter stamp book page story
sun moon star cloud rain snow wind storm thunder fire smoke ice stone sand grass leaf tree flower rose root branch seed winter summer spring autumn morning evening night hour minute week month year
voice word question answer idea reason measure pleasure treasure vision garage beige mirage usage thought truth youth mouth tooth bath breath path month earth birth thumb length strength rhythm
circle square triangle ring cross heart arrow shape color middle corner edge line side top bottom left right front back shadow light noise sound music song dance dream world thing""".split()
LOOKS = """red blue green yellow black white brown gray pink purple orange small big little large tiny huge tall short long wide narrow round square flat sharp smooth rough soft hard heavy light dark bright
old new young fresh clean dirty wet dry hot cold warm cool quick slow loud quiet happy sad angry proud brave shy kind gentle clever lazy hungry thirsty sleepy sick healthy strong weak rich poor cheap expensive
easy difficult simple strange funny boring lovely pretty ugly beautiful wonderful terrible important possible usual unusual empty full open closed broken wooden golden silver striped shiny""".split()
DOES = """sees takes holds brings carries buys sells finds loses keeps makes breaks fixes paints draws writes reads opens closes cleans washes cooks eats drinks likes loves hates wants needs knows shows hides throws
catches pushes pulls lifts drops follows watches hears touches smells chooses uses moves covers fills visits leaves reaches passes enjoys remembers forgets measures""".split()
PAST = """saw took held brought carried bought sold found lost kept made broke fixed painted drew wrote read opened closed cleaned washed cooked ate drank liked loved hated wanted needed knew showed hid threw
caught pushed pulled lifted dropped followed watched heard touched chose used moved covered filled visited left reached passed enjoyed remembered forgot""".split()
ACTS = """sit stand walk run jump swim fly climb dance sing play sleep wake eat drink cook read write draw paint talk listen laugh cry smile think learn teach work rest travel drive ride wait stay leave return
begin finish help try stop go come look watch shout whisper breathe measure""".split()
HOW = """slowly quickly quietly loudly carefully easily happily suddenly usually always never often sometimes today tomorrow yesterday tonight now then soon later again together alone outside inside here there
everywhere almost finally really perhaps maybe indeed""".split()
PLACES = """in the garden|in the kitchen|at the station|on the street|in the city|at school|at home|on the table|under the bridge|behind the house|in front of the church|next to the window|near the river|between the trees
above the door|below the picture|on the left|on the right|in the middle|at the top|at the bottom|across the road|through the forest|around the corner|over the hill|by the sea|with a friend|without a hat
after lunch|before dinner|during the night|since Thursday|until Wednesday|in January|in February|in March|in April|in May|in June|in July|in August|in September|in October|in November|in December|on Monday|on Tuesday|on Friday
on Saturday|on Sunday|in the image|in this picture|in the background""".replace("\n", "|").split("|")
NAMES = """Anna Peter Maria Tom Julia David Sarah Michael George Susan Henry Laura Jack Emily Charles Sophie Thomas Alice James Ruth Victor Joyce Hugh Vivian Zoe Ethan Keith Dorothy London Paris Berlin Madrid Rome Vienna Boston
Chicago Texas Canada Mexico Brazil China Japan India Egypt Russia Spain France Germany England Ireland Europe Africa Asia America""".split()
WHO = "I|you|he|she|we|they|the man|the woman|a child|my mother|your father|his brother|her sister|our teacher|their friends|somebody|everyone|nobody|the old man|the young woman|the boy|a girl".split("|")
SAYINGS = """Hello.|Good morning.|Good night.|Good afternoon.|How are you?|I am fine, thank you.|Thank you very much.|You are welcome.|Yes.|No.|Yes, of course.|No, I do not think so.|Please wait.|See you soon.|What is your name?
I do not know.|I am sorry.|Where are you from?|Nice to meet you.|What time is it?|What is this?|I can help you.|That is right.|That is wrong.|Have a nice day!|Let me see.|Just a moment, please.|Do you like it?|Can you hear me?
This is a test.|I can speak.|My voice is small.|It runs in your browser.|The model is ready.|The answer is yes.|The answer is no.|There is nothing in the image.|I see a cat.|Welcome back!|Who are you?|I am a very small model.""".replace("\n", "|").split("|")


def number(rng: random.Random) -> str:
    """A number in words, mostly a small one."""
    kind = rng.random()
    if kind < 0.5:
        return rng.choice(SMALL[1:])
    tens = rng.choice(TENS) + rng.choice(["", "", *(f" {one}" for one in UNITS)])
    if kind < 0.8:
        return tens
    return rng.choice([f"{rng.choice(UNITS)} hundred", f"{rng.choice(UNITS)} hundred and {tens}", f"{rng.choice(UNITS)} thousand", f"{rng.choice(UNITS)} million", f"{rng.choice(SMALL)} point {rng.choice(UNITS)}"])


def a(words: str) -> str:
    return f"{'an' if words[0] in 'aeiou' and not words.startswith('u') else 'a'} {words}"


def thing(rng: random.Random) -> str:
    looks = rng.choice(["", "", f"{rng.choice(LOOKS)} ", f"{rng.choice(LOOKS)} {rng.choice(LOOKS)} "])
    what = f"{looks}{rng.choice(NOUNS)}"
    return rng.choice([f"the {what}", f"the {what}", a(what), f"{rng.choice(['my', 'your', 'his', 'her', 'our', 'their', 'this', 'that', 'each', 'every', 'another'])} {what}"])


def ended(rng: random.Random, text: str, marks: str = "....!") -> str:
    return text[0].upper() + text[1:] + rng.choice(marks)


def heard(rng: random.Random) -> str:
    return next(listening.sentences(rng.randrange(1 << 40))).english


def counted(rng: random.Random) -> str:
    items = [f"{number(rng) if rng.random() < 0.8 else rng.choice(['no', 'some', 'many', 'several', 'a few'])} {rng.choice(['', '', '', rng.choice(LOOKS) + ' '])}{rng.choice(MANY)}" for _ in range(rng.choice([1, 2, 2, 3, 3]))]
    if rng.random() < 0.25:
        items.append(a(rng.choice(NOUNS)))
    row = items[0] if len(items) == 1 else ", ".join(items[:-1]) + " and " + items[-1]
    start = rng.choice(["In this image, there are ", "In this picture, there are ", "There are ", "I can see ", "I see ", "The image shows ", "In the image, I see ", "We have ", ""])
    return ended(rng, start + row, ".")


def placed(rng: random.Random) -> str:
    where = rng.choice(["to the left of", "to the right of", "above", "below", "next to", "behind", "in front of", "inside", "on", "under", "near", "left of", "right of"])
    return ended(rng, f"{thing(rng)} {rng.choice(['is', 'is', 'stands', 'lies', 'was', ''])} {where} {thing(rng)}".replace("  ", " "))


def told(rng: random.Random) -> str:
    who = rng.choice([thing(rng), rng.choice(NAMES), rng.choice(WHO[2:4] + WHO[6:])])
    verb, tail = rng.choice(DOES + PAST), rng.choice(["", "", f" {rng.choice(PLACES)}", f" {rng.choice(HOW)}"])
    return ended(rng, f"{who} {verb} {thing(rng)}{tail}")


def talked(rng: random.Random) -> str:
    who, act = rng.choice(WHO), rng.choice(ACTS)
    helping = rng.choice(["can", "will", "must", "should", "could", "would", "may", "might", "cannot", "won't", "shouldn't", "can't"])
    tail = rng.choice(["", f" {rng.choice(PLACES)}", f" {rng.choice(HOW)}"])
    return rng.choice([
        ended(rng, f"{who} {helping} {act}{tail}"), ended(rng, f"{rng.choice(['do', 'did', 'why do', 'when did', 'where do', 'how do'])} {rng.choice(['you', 'we', 'they', 'I'])} {act}{tail}", "?"),
        ended(rng, f"{rng.choice(['please', 'now', 'then', 'first', 'so'])}, {act}{tail}"), ended(rng, f"{thing(rng)} {rng.choice(['is', 'was', 'looks', 'seems'])} {rng.choice(['', 'very ', 'too ', 'not ', 'really '])}{rng.choice(LOOKS)}"),
        ended(rng, f"{rng.choice(['what is', 'who has', 'where is', 'which is'])} {thing(rng)}", "?"), ended(rng, f"I {rng.choice(['think', 'know', 'hope', 'believe', 'guess'])} that {thing(rng)} is {rng.choice(LOOKS)}")])


def numbers(rng: random.Random) -> str:
    return rng.choice([
        ended(rng, f"it costs {number(rng)} {rng.choice(['dollars', 'euros', 'cents'])}", "."), ended(rng, f"{number(rng)} plus {number(rng)} is {number(rng)}", "."),
        ended(rng, f"{number(rng)} {rng.choice(['times', 'minus'])} {number(rng)} is {number(rng)}", "."), ended(rng, f"the answer is {number(rng)}", "."),
        ended(rng, f"{rng.choice(['about', 'more than', 'less than', 'exactly'])} {number(rng)} {rng.choice(['percent', 'degrees', 'miles', 'meters', 'hours', 'minutes', 'seconds', 'days', 'years'])}", ".")])


def row(rng: random.Random) -> str:
    """Words that have nothing to do with each other: any sound comes after any other."""
    words = [rng.choice(rng.choice([NOUNS, LOOKS, DOES, PAST, ACTS, HOW, MANY, NAMES, SMALL])) for _ in range(rng.randint(1, 7))]
    if len(words) > 3 and rng.random() < 0.4:
        words[1] += rng.choice([",", ";", ":", ","])
    return ended(rng, " ".join(words), "....?!")


def saying(rng: random.Random) -> str:
    return rng.choice(SAYINGS)


def two(rng: random.Random) -> str:
    one, other = (rng.choice([saying, talked, placed, numbers])(rng) for _ in range(2))
    return f"{one} {other}"


KINDS: list[tuple[Callable[[random.Random], str], int]] = [(heard, 6), (counted, 5), (placed, 3), (told, 4), (talked, 4), (numbers, 2), (row, 7), (saying, 1), (two, 1)]


def held_out(text: str) -> bool:
    """The same rule as that of `recipes/listen`: what is held out there is so here."""
    return zlib.crc32(text.encode()) % listening.HELD_OUT == 0


def sentences(seed: int, held: bool = False) -> Iterator[str]:
    """The endless stream of the training half, or of the held-out one, without repeats."""
    rng, said = random.Random(seed), set()
    kinds, weights = zip(*KINDS)
    while True:
        text = rng.choices(kinds, weights)[0](rng)
        if held_out(text) == held and text not in said:
            said.add(text)
            yield text


if __name__ == "__main__":
    for text, _ in zip(sentences(1), range(30)):
        print(text)
