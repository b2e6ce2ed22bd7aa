"""What may be said in the closed world, and in which words. Data only.

`WORDS` names each kind of slot: a meaning on each line, the ways to say it separated by `/`. `FRAMES` names each kind of statement, its
topic, its slots and its wordings; a slot in a wording is replaced by one of the ways to say its meaning.
"""

# The forms of who: I, me, my, am, has, -s, and the second name of the same person where there is one.
PEOPLE = [line.split(",") for line in """I,me,my,am,have,
he,him,his,is,has,s
she,her,her,is,has,s
we,us,our,are,have,
they,them,their,are,have,
my brother,my brother,his,is,has,s
my sister,my sister,her,is,has,s
my mother,my mother,her,is,has,s
my father,my father,his,is,has,s
my friend,my friend,his,is,has,s
the teacher,the teacher,her,is,has,s
our neighbour,our neighbour,his,is,has,s
Tom,Tom,his,is,has,s
Anna,Anna,her,is,has,s
Paul,Paul,his,is,has,s
Maria,Maria,her,is,has,s""".split("\n")]

WORDS = {name: [line.split("/") for line in text.replace("\n", "|").strip("|").split("|")] for name, text in {
    "thing": """music|sport/sports|football/soccer|movies/films|books/reading|cooking|dancing|painting|chess|animals|flowers/plants|travelling/travel|swimming|photography/taking pictures|cheese|coffee|tea|chocolate|pizza|long walks/walking|the sea/the ocean|winter|summer|rain|maths/mathematics|history|trains|cars|cats|dogs""",
    "role": "boy|girl|man|woman|child/kid|doctor/physician|teacher|student/pupil|driver|nurse|writer/author|cook/chef|farmer|painter/artist|singer|pilot|lawyer|engineer|baker|police officer/cop",
    "show": "movie/film|book/novel|song|concert|restaurant|hotel|meal/dinner|game|play|lesson/class|party|trip/journey|phone/smartphone|camera|laptop/computer|jacket/coat|shoe|bike/bicycle",
    "animal": "dog|cat|horse|bird|rabbit/bunny|cow|mouse|duck|monkey|lion|elephant|fish|pig|goat|bear|frog",
    "look": "ugly/hideous|beautiful/pretty/lovely|big/large/huge|small/little/tiny|fast/quick|slow|old|young|hungry/starving|tired/sleepy|loud/noisy|quiet/silent|dangerous|friendly/nice|clever/smart/intelligent|dirty",
    "item": "car/automobile|house/home|bike/bicycle|phone/telephone|computer|lamp|table|chair|book|coat/jacket|hat|bag|camera|watch|guitar|boat|bed|knife|ring|umbrella|key|wallet/purse|ticket|pair of glasses",
    "colour": "red|blue|green|yellow|black|white|brown|grey/gray",
    "place": "the beach/the seaside|the park|the market|the museum|the cinema/the movies|the library|the station|the airport|the lake|the mountains|the zoo|the theatre|the office/work|school|the hospital|the restaurant|the gym|the city/the town",
    "when": "today|tomorrow|on Monday|on Friday|on Sunday|next week|next month|this evening/tonight|in summer|at the weekend",
    "sky": "rain|snow|sunshine/sun|wind|fog/mist|thunder/a thunderstorm|cold weather/low temperatures|hot weather/heat",
    "food": "soup|bread|rice|fish|an apple|a sandwich|pasta/noodles|salad|chicken|eggs|pizza|cake|a banana|potatoes|cheese|chocolate",
    "meal": "breakfast|lunch|dinner/supper",
    "body": "head|back|knee|foot|tooth|stomach/belly|hand|eye|ear|shoulder|throat|neck",
    "vehicle": "train|bus|plane/flight|ship/ferry|tram",
    "hour": "six/6|seven/7|eight/8|nine/9|ten/10|eleven/11|noon/twelve|one/1|two/2|three/3|four/4|five/5",
    "price": "five/5|ten/10|twelve/12|fifteen/15|twenty/20|thirty/30|fifty/50|a hundred/100",
    "city": "Paris|London|Berlin|Rome|Madrid|Vienna|Lisbon|Oslo|Tokyo|Cairo|Lima|Dublin|Athens|Warsaw|Seoul",
    "mood": "happy/glad/pleased|sad/unhappy|angry/furious|tired/exhausted|afraid/scared/frightened|bored|proud|nervous|lonely|sick/ill/unwell|surprised",
    "subject": "maths/mathematics|history|biology|chemistry|physics|music|law|medicine|French|Spanish|German|English|art|geography",
    "task": "my password/my login|my order|my ticket|my subscription/my membership|my booking/my reservation|my address|my account|my parcel/my package|my bill/my invoice|my phone number|my email address|the game|the book|my seat",
    "deed": "change/modify|cancel/call off|find/locate|pay for|return/send back|print|share|delete/remove|check/verify",
    "skill": "swim|dance|sing|drive/drive a car|cook|ski|draw/paint|play the piano|play the guitar|play chess|speak French|speak Spanish|ride a horse|read|write",
    "chore": "clean the kitchen/tidy up the kitchen|wash the car/clean the car|do the homework|buy milk/get milk|call the doctor/phone the doctor|water the flowers/water the plants|feed the cat|walk the dog/take the dog for a walk|repair the bike/fix the bike|write a letter|cook dinner/make dinner|close the window/shut the window",
}.items()}

FRAMES = {name: (topic, tuple(slots.split()), text.replace("\n", "|").split("|")) for name, topic, slots, text in [
    ("like", "taste", "who thing", "{I} like{s} {thing}|{I} enjoy{s} {thing}|{I} {am} fond of {thing}|{I} {am} a fan of {thing}|{I} love{s} {thing}|{thing} is something {I} like{s}\n{thing}: {I} like{s} it|{I} really like{s} {thing}|{I} {am} into {thing}"),
    ("dislike", "taste", "who thing", "{I} hate{s} {thing}|{I} cannot stand {thing}|{I} {am} not fond of {thing}|{I} dislike{s} {thing}|{thing} is something {I} hate{s}|{I} {am} no fan of {thing}\n{I} {am} not into {thing}|{thing}: {I} hate{s} it"),
    ("role", "work", "who role", "{I} {am} {a role}|{I} {am} just {a role}|as for {me}, {I} {am} {a role}|{a role}, that is what {I} {am}|{I} {am} really {a role}"),
    ("good", "review", "show", "This {show} was awesome|The {show} is great|I loved this {show}|What a wonderful {show}|The {show} was really good|A fantastic {show}|I enjoyed the {show} very much\nI can recommend this {show}|That was an excellent {show}|one of the best, this {show}|The {show} was amazing"),
    ("bad", "review", "show", "This {show} was terrible|The {show} is awful|I hated this {show}|What a horrible {show}|The {show} was really bad|A dreadful {show}|I did not enjoy the {show} at all\nI cannot recommend this {show}|That was a poor {show}|one of the worst, this {show}|The {show} was boring"),
    ("look", "animal", "animal look", "That {animal} is so {look}|The {animal} is very {look}|The {animal} looks {look}|What {a look} {animal}|I saw {a look} {animal}|How {look} the {animal} is\nThis is {a look} {animal}|{a look} {animal} was there"),
    ("buy", "shopping", "who colour item", "{I} bought {a colour} {item}|{I} purchased {a colour} {item}|{I} got {a colour} {item} at the shop|{a colour} {item} is what {I} bought|{I} went to the store and bought {a colour} {item}\nThe {item} that {I} bought is {colour}"),
    ("lose", "loss", "who colour item", "{I} lost {my} {colour} {item}|{I} cannot find {my} {colour} {item}|{my} {colour} {item} is gone|{I} {am} looking for {my} {colour} {item}|{my} {colour} {item} is lost\nHas anybody seen {my} {colour} {item}?"),
    ("go", "travel", "who place when", "{I} {am} going to {place} {when}|{when} {I} will go to {place}|{I} will visit {place} {when}|{I} plan{s} to go to {place} {when}|{I} {am} on {my} way to {place} {when}\n{when} {I} {am} off to {place}"),
    ("sky", "weather", "sky when", "There will be {sky} {when}|Expect {sky} {when}|{when} we will have {sky}|The forecast says {sky} {when}|The weather {when}: {sky}|They predict {sky} {when}"),
    ("eat", "food", "who food meal", "{I} had {food} for {meal}|For {meal} {I} ate {food}|{my} {meal} was {food}|{I} ate {food} at {meal}|At {meal} {I} had {food}"),
    ("pain", "health", "who body", "{my} {body} hurts|{I} {have} a pain in the {body}|{I} {have} a sore {body}|There is something wrong with {my} {body}|{my} {body} is aching"),
    ("leave", "travel", "vehicle hour", "The {vehicle} leaves at {hour}|The {vehicle} departs at {hour} o'clock|Departure of the {vehicle} is at {hour}|At {hour} the {vehicle} goes|The {vehicle} starts at {hour}"),
    ("cost", "shopping", "item price", "The {item} costs {price} euros|You pay {price} euros for the {item}|The price of the {item} is {price} euros|{price} euros is the price for the {item}|You can have the {item} for {price} euros"),
    ("live", "home", "who city", "{I} live{s} in {city}|{my} home is in {city}|{I} {have} a flat in {city}|{city} is where {I} live{s}|{I} reside{s} in {city}|{my} house is in {city}"),
    ("from", "home", "who city", "{I} come{s} from {city}|{I} grew up in {city}|{I} {am} originally from {city}|{city} is {my} home town|{city} is where {I} come{s} from"),
    ("mood", "feeling", "who mood", "{I} {am} {mood}|{I} feel{s} {mood}|{I} {am} very {mood}|{I} feel{s} so {mood}|{I} {am} rather {mood} today"),
    ("study", "learning", "who subject", "{I} stud{ies} {subject}|{I} {am} learning {subject}|{I} take{s} a course in {subject}|{my} subject is {subject}|{I} {have} lessons in {subject}"),
    ("how", "help", "deed task", "How can I {deed} {task}?|How do I {deed} {task}?|I want to {deed} {task}|I would like to {deed} {task}|Help me to {deed} {task}|Is it possible to {deed} {task}?\nWhat do I have to do to {deed} {task}?|I need to {deed} {task}"),
    ("pet", "animal", "who animal", "{I} {have} {a animal}|{I} own{s} {a animal}|There is {a animal} in {my} home|{my} pet is {a animal}|{a animal} lives with {me}"),
    ("can", "learning", "who skill", "{I} can {skill}|{I} know{s} how to {skill}|{I} {am} able to {skill}|{I} learned to {skill}|{I} {have} learned how to {skill}"),
    ("must", "home", "who chore", "{I} must {chore}|{I} {have} to {chore}|{I} need{s} to {chore}|{I} {am} supposed to {chore}|{I} should {chore}|It is time for {me} to {chore}"),
]}
