"""The closed world: every list the generator draws from. Data only."""

CAPITALS = dict(line.split(":") for line in """
France:Paris|Germany:Berlin|Italy:Rome|Spain:Madrid|Portugal:Lisbon|England:London|Ireland:Dublin|Scotland:Edinburgh
Belgium:Brussels|Austria:Vienna|Switzerland:Bern|Poland:Warsaw|Greece:Athens|Norway:Oslo|Sweden:Stockholm
Finland:Helsinki|Denmark:Copenhagen|Iceland:Reykjavik|Russia:Moscow|Ukraine:Kyiv|Hungary:Budapest|Romania:Bucharest
Bulgaria:Sofia|Serbia:Belgrade|Croatia:Zagreb|Turkey:Ankara|Egypt:Cairo|Morocco:Rabat|Algeria:Algiers|Tunisia:Tunis
Kenya:Nairobi|Ethiopia:Addis Ababa|Ghana:Accra|Nigeria:Abuja|Senegal:Dakar|South Africa:Pretoria|China:Beijing
Japan:Tokyo|India:New Delhi|South Korea:Seoul|Thailand:Bangkok|Vietnam:Hanoi|Indonesia:Jakarta|Malaysia:Kuala Lumpur
Nepal:Kathmandu|Pakistan:Islamabad|Iran:Tehran|Iraq:Baghdad|Israel:Jerusalem|Lebanon:Beirut|Canada:Ottawa
Mexico:Mexico City|Cuba:Havana|Brazil:Brasilia|Argentina:Buenos Aires|Chile:Santiago|Peru:Lima|Colombia:Bogota
Ecuador:Quito|Venezuela:Caracas|Uruguay:Montevideo|Australia:Canberra|New Zealand:Wellington|the United States:Washington
the United Kingdom:London|the Netherlands:Amsterdam|the Philippines:Manila
""".replace("\n", "|").strip("|").split("|"))

OTHER_COUNTRIES = """Zambia Malawi Fiji Samoa Bhutan Laos Mongolia Armenia Georgia Estonia Latvia Lithuania Malta Cyprus Jordan
Kuwait Qatar Yemen Oman Sudan Libya Angola Mali Niger Chad Gabon Benin Togo Rwanda Burundi Uganda Panama Honduras Nicaragua
Bolivia Paraguay Guyana Suriname Jamaica Haiti Bahamas Barbados Albania Slovenia Slovakia Moldova Belarus Kazakhstan Texas
California Florida Ohio Bavaria Wakanda Narnia Atlantis Mars Mordor""".split()

NAMES = """Tom Anna Maria Ben Lisa Sam Emma Paul Nina Jack Olivia Leo Clara Max Sara David Julia Peter Eva Omar Lucy Mark Rosa Adam
Ella Hugo Mia Noah Ivan Kate Alex Zoe Carlos Amy Oscar Lena Felix Grace Daniel Alice Bob John Mary Jane Robert James Laura Priya
Ahmed Yuki Chen Fatima Diego Ingrid Kofi Ravi Sofia Elena George Helen Victor Nora""".split()
SHE = set("""Anna Maria Lisa Emma Nina Olivia Clara Sara Julia Eva Lucy Rosa Ella Mia Kate Zoe Amy Lena Grace Alice Mary Jane Laura
Priya Yuki Fatima Ingrid Sofia Elena Helen Nora""".split())

COLOURS = "red blue green yellow orange purple black white brown grey pink".split()
COLOUR_OF = dict(line.split(":") for line in """
the sky:blue|grass:green|a banana:yellow|snow:white|coal:black|a tomato:red|a carrot:orange|a lemon:yellow|an elephant:grey|milk:white
chocolate:brown|the sun:yellow|a strawberry:red|a cucumber:green|a frog:green|a pumpkin:orange|the sea:blue|blood:red|a leaf:green
sugar:white|a flamingo:pink|a raven:black|a pig:pink|broccoli:green|a cherry:red|a polar bear:white|salt:white|a plum:purple
coffee:brown|a mouse:grey|a swan:white|a fire truck:red""".replace("\n", "|").strip("|").split("|"))

SOUNDS = dict(line.split(":") for line in """dog:woof|cat:meow|cow:moo|sheep:baa|duck:quack|pig:oink|horse:neigh|lion:roar|bee:buzz
owl:hoot|frog:ribbit|snake:hiss|mouse:squeak|wolf:howl|rooster:cock-a-doodle-doo|goat:maa|bird:tweet|crow:caw""".replace("\n", "|").split("|"))
BABIES = dict(line.split(":") for line in """dog:puppy|cat:kitten|cow:calf|sheep:lamb|horse:foal|duck:duckling|pig:piglet|lion:cub
bear:cub|goat:kid|hen:chick|frog:tadpole|deer:fawn|goose:gosling|kangaroo:joey|swan:cygnet|wolf:pup""".replace("\n", "|").split("|"))
LEGS = dict(line.split(":") for line in """dog:4|cat:4|cow:4|sheep:4|horse:4|duck:2|bird:2|hen:2|spider:8|ant:6|bee:6|fly:6|snake:0|fish:0
frog:4|lion:4|elephant:4|human:2|person:2|octopus:8|worm:0|mouse:4|goat:4|penguin:2|butterfly:6|tiger:4""".replace("\n", "|").split("|"))

GROUPS = {
    "animal": "dog cat cow sheep horse pig lion tiger bear wolf fox rabbit mouse elephant monkey goat frog snake fish zebra deer".split(),
    "fruit": "apple banana pear lemon cherry plum grape peach mango melon strawberry kiwi".split(),
    "vegetable": "carrot potato onion cabbage spinach broccoli cucumber leek pea radish".split(),
    "colour": COLOURS,
    "tool": "hammer saw drill wrench screwdriver shovel axe".split(),
    "drink": "water milk tea coffee juice lemonade".split(),
    "vehicle": "car bus train bike truck boat plane tram ship".split(),
    "instrument": "piano guitar violin drum flute trumpet harp".split(),
    "bird": "eagle owl crow swan duck penguin parrot pigeon robin".split(),
}

OPPOSITES = dict(pair.split(":") for pair in """hot:cold big:small tall:short fast:slow happy:sad good:bad light:dark up:down in:out
open:closed old:young new:old rich:poor hard:soft wet:dry full:empty early:late left:right day:night black:white high:low loud:quiet
strong:weak clean:dirty near:far thick:thin heavy:light long:short first:last true:false yes:no begin:end win:lose buy:sell
push:pull love:hate start:stop top:bottom inside:outside sweet:sour cheap:expensive easy:difficult deep:shallow wide:narrow brave:afraid
north:south east:west summer:winter friend:enemy""".split())
for word, other in list(OPPOSITES.items()):
    OPPOSITES.setdefault(other, word)

IRREGULAR = dict(pair.split(":") for pair in """man:men woman:women child:children foot:feet tooth:teeth mouse:mice goose:geese
person:people sheep:sheep fish:fish leaf:leaves knife:knives wolf:wolves life:lives wife:wives half:halves ox:oxen deer:deer""".split())
REGULAR = """cat dog car book tree house hand door bird cow pig horse table chair lamp cup plate spoon apple pear banana lemon box bus
fox dish glass watch church brush city baby story party lady berry puppy boy toy key day flower star river road school shop train boat
friend teacher pen bag shoe hat shirt coat window garden cloud stone egg cake""".split()

PAST = dict(pair.split(":") for pair in """go:went eat:ate see:saw run:ran take:took give:gave come:came make:made write:wrote read:read
sing:sang swim:swam drink:drank buy:bought think:thought find:found know:knew sleep:slept speak:spoke fly:flew walk:walked play:played
jump:jumped talk:talked work:worked look:looked help:helped cook:cooked like:liked dance:danced""".split())

DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
MONTHS = "January February March April May June July August September October November December".split()
MONTH_DAYS = dict(zip(MONTHS, "31 28 31 30 31 30 31 31 30 31 30 31".split()))
ORDINALS = "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth".split()
UNITS = """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen
nineteen""".split()
TENS = "zero ten twenty thirty forty fifty sixty seventy eighty ninety".split()

# Questions with one answer each: question variants | full answer | one word.
TRIVIA = [line.split("|") for line in """
how many days are in a week;how many days does a week have;number of days in a week|A week has 7 days.|7
how many months are in a year;how many months does a year have;number of months in one year|A year has 12 months.|12
how many hours are in a day;how many hours does a day have;number of hours in a day|A day has 24 hours.|24
how many minutes are in an hour;how many minutes does an hour have;number of minutes in an hour|An hour has 60 minutes.|60
how many seconds are in a minute;how many seconds does a minute have;number of seconds in a minute|A minute has 60 seconds.|60
how many days are in a year;how many days does a year have;number of days in a year|A year has 365 days.|365
how many seasons are there;how many seasons are in a year;how many seasons does a year have|There are 4 seasons.|4
what are the four seasons;name the seasons;list the seasons|The seasons are spring, summer, autumn and winter.|
name the days of the week;list the days of the week;what are the days of the week|Monday, Tuesday, Wednesday, Thursday, Friday, Saturday, Sunday.|
name the months of the year;list the months;what are the months of the year|January, February, March, April, May, June, July, August, September, October, November, December.|
what are the primary colours;name the primary colours;list the primary colours|The primary colours are red, yellow and blue.|
what colour do you get when you mix red and yellow;red plus yellow makes what colour;mix red and yellow|Red and yellow make orange.|Orange
what colour do you get when you mix blue and yellow;blue plus yellow makes what colour;mix blue and yellow|Blue and yellow make green.|Green
what colour do you get when you mix red and blue;red plus blue makes what colour;mix red and blue|Red and blue make purple.|Purple
how many sides does a triangle have;how many sides has a triangle;number of sides of a triangle|A triangle has 3 sides.|3
how many sides does a square have;how many sides has a square;number of sides of a square|A square has 4 sides.|4
how many sides does a hexagon have;how many sides has a hexagon;number of sides of a hexagon|A hexagon has 6 sides.|6
how many letters are in the alphabet;how many letters does the alphabet have;number of letters in the alphabet|The alphabet has 26 letters.|26
what is the largest planet;which planet is the biggest;biggest planet|Jupiter is the largest planet.|Jupiter
which planet do we live on;what planet do we live on;what is our planet called|We live on Earth.|Earth
what is the largest ocean;which ocean is the biggest;biggest ocean|The Pacific is the largest ocean.|Pacific
what is the largest animal;which animal is the biggest;biggest animal|The blue whale is the largest animal.|Whale
what is the tallest animal;which animal is the tallest;tallest animal|The giraffe is the tallest animal.|Giraffe
what is the fastest land animal;which land animal is the fastest;fastest animal on land|The cheetah is the fastest land animal.|Cheetah
what is frozen water called;what do we call frozen water;what does water become when it freezes|Frozen water is called ice.|Ice
at what temperature does water boil;when does water boil;boiling point of water|Water boils at 100 degrees Celsius.|100
at what temperature does water freeze;when does water freeze;freezing point of water|Water freezes at 0 degrees Celsius.|0
where does the sun rise;in which direction does the sun rise;where does the sun come up|The sun rises in the east.|East
where does the sun set;in which direction does the sun set;where does the sun go down|The sun sets in the west.|West
what do bees make;what does a bee make;what do honey bees make|Bees make honey.|Honey
what do cows give us;what do we get from cows;what does a cow give|Cows give milk.|Milk
what do plants need;what does a plant need to grow;what do plants need to grow|Plants need light, water and air.|
how many wheels does a car have;how many wheels has a car;number of wheels on a car|A car has 4 wheels.|4
how many wheels does a bike have;how many wheels has a bicycle;number of wheels on a bike|A bike has 2 wheels.|2
how many continents are there;number of continents;how many continents does the world have|There are 7 continents.|7
how many fingers are on one hand;how many fingers does a hand have;number of fingers on a hand|A hand has 5 fingers.|5
what is the first month of the year;which month comes first;first month|The first month is January.|January
what is the last month of the year;which month comes last;last month of the year|The last month is December.|December
""".strip().split("\n")]

PLACES = "market park beach library museum zoo station school garden cinema bakery lake forest farm".split()
ITEMS = "apples books pens cups eggs lamps bags hats shirts flowers cakes chairs toys lemons plates keys".split()
PRODUCTS = """lamp phone chair book camera toaster backpack jacket blender keyboard headset bottle watch radio bike table kettle tent
film movie restaurant hotel pizza coffee soup game song app toothbrush toy laptop pillow""".split()
JOBS = "teacher doctor baker farmer driver writer nurse painter pilot cook singer engineer".split()

GOOD = """great excellent wonderful fantastic amazing lovely perfect brilliant superb good nice beautiful delicious comfortable
delightful awesome outstanding pleasant impressive terrific fun useful reliable charming incredible solid""".split()
BAD = """terrible awful horrible bad poor disappointing useless boring broken ugly dreadful nasty disgusting uncomfortable
annoying slow noisy dirty cheap weak rude painful lousy mediocre faulty unpleasant""".split()

# Things outside the world: the right answer to a question about them is that the model does not know.
TOPICS = """quantum mechanics|black holes|the French Revolution|photosynthesis|the stock market|Napoleon|Shakespeare|Albert Einstein
the Roman Empire|machine learning|neural networks|Python|JavaScript|Rust|WebAssembly|candle|bitcoin|inflation|climate change|evolution
gravity|relativity|the Cold War|the moon landing|the Eiffel Tower|Mount Everest|the Amazon river|dinosaurs|volcanoes|earthquakes|DNA
vaccines|cancer|diabetes|the heart|the brain|democracy|capitalism|philosophy|Plato|Buddhism|the Bible|chess|football|tennis|the Olympics
the World Cup|Mozart|Beethoven|the Beatles|Taylor Swift|Star Wars|Harry Potter|Sherlock Holmes|Batman|Netflix|Google|Apple|Microsoft|Tesla
Elon Musk|the president|the king of Spain|the prime minister|the pope|tax law|mortgages|insurance|the electron|atoms|chemistry
calculus|algebra|the Pythagorean theorem|prime numbers|pi|infinity|electricity|magnets|lasers|rockets|satellites|the internet|blockchain
transformers|large language models|GPT|ChatGPT|Linux|Windows|databases|compilers|encryption|sushi|pasta carbonara|wine|cheese|yoga|running
sleep|dreams|love|happiness|the meaning of life|time travel|aliens|ghosts|magic|economics|marketing|poetry|jazz|opera|ballet|Picasso
the Mona Lisa|architecture|bridges|trains in Japan|airplanes|submarines|coral reefs|whales|pandas|bacteria|viruses|antibiotics|Greek gods
Vikings|samurai|pirates|the Silk Road|the pyramids|Cleopatra|Genghis Khan|World War Two|the Berlin Wall|NASA|the speed of light|oxygen
gold|diamonds|oil|solar panels|nuclear power|robots|drones|3D printing|video games|Minecraft|Pokemon|Instagram|YouTube|podcasts
the history of India|the Indian economy|the unicorn|medieval castles|gardening|recipes|fashion|perfume|cars|electric cars|fishing""".replace("\n", "|").split("|")

QUESTIONS = """who invented {t}|who discovered {t}|what is {t}|what are {t}|who is {t}|who was {t}|explain {t}|explain {t} to me
tell me about {t}|tell me something about {t}|when did {t} begin|what is the history of {t}|how does {t} work|how do {t} work
why is {t} important|what do you know about {t}|what do you think about {t}|describe {t}|give me information about {t}|where is {t}
what is the price of {t}|how old is {t}|when was {t} invented|can you explain {t}|what is the difference between {t} and {u}
is {t} better than {u}|what causes {t}|how much does {t} cost|define {t}|who won {t}|what does {t} mean|why do people like {t}
how big is {t}|how far is {t}|what is the best thing about {t}|i want to know about {t}|talk about {t}|teach me {t}
what happened in {y}|who won the election in {y}|who was born in {y}|what is the population of {c}|who is the president of {c}
what is the currency of {c}|what language do they speak in {c}|who is the king of {c}|how big is {c}|what is the history of {c}
how far is {c} from here|who is the prime minister of {c}|what food do they eat in {c}""".replace("\n", "|").split("|")

REQUESTS = """write an essay about {t}|write code for {t}|write a program about {t}|write a python function that sorts {t}
translate this to French: {t}|translate {t} into German|how do you say {t} in Spanish|give me a recipe with {t}|plan a trip to {c}
book a flight to {c}|order a pizza|call my mother|send an email to {n}|search the web for {t}|draw a picture of {t}|make an image of {t}
open the website of {t}|play a song by {t}|set an alarm|set a timer for {d} minutes|remind me to call {n}|write a letter to {n}
give me ten ideas about {t}|suggest project ideas on {t}|suggest a name for my company|give me business advice about {t}
help me with my homework on {t}|write a report on {t}|write a speech about {t}|recommend a book about {t}|recommend a film about {t}
how can i learn {t}|give me a list of books about {t}|solve this equation|prove that {t} is true|debug my code|fix my code
write a song about {t}|write an article on {t}|compare {t} and {u}|predict the price of {t}|what should i cook tonight
what should i wear today|what should i do with my life|should i buy {t}|make a website about {t}|write html for {t}""".replace("\n", "|").split("|")

LITERAL = """how do i cook rice|how do i lose weight|how do i fix my car|how do i learn to swim|how do i get rich|how do i make coffee|how do i tie a tie
why is the sky blue|why do cats purr|why is the sea salty|why do we sleep|why do birds fly|why is grass green|why do leaves fall|why do people cry
how does this work|how does a computer work|how do planes fly|how are babies born|how tall is a giraffe|how fast is a car|how far is the moon
what is the largest country|what is the smallest country|what is the longest river|what is the highest mountain|what is the largest city
what is the best phone|what is the best film ever|what is the biggest number|what is the news today|what happened today|what is on television
tell me something interesting|tell me a fact|tell me a secret|tell me something|give me advice|surprise me|what should i say|what is new
who is the best football player|who is the richest man|who is my neighbour|who was the first man on the moon|who wrote the bible|who is god
when is the next train|when does the shop open|when will i die|when is easter|where is my phone|where can i buy shoes|where is the toilet
what is my ip address|what is my password|what is the wifi code|how many people live on earth|how many stars are there|how many bones do we have
is it safe to eat raw eggs|can dogs eat chocolate|can i drink sea water|do fish sleep|will i be happy|does he love me|am i pretty
what did i do yesterday|what am i thinking|what comes after death|which team will win|what does this mean|what is in this picture""".replace("\n", "|").split("|")
