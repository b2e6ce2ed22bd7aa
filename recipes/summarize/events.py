"""What may happen in the closed world, in several wordings each, and the one summary of it. Data only.

`lead` tells the main fact in one of several ways, `end` what came of it, `more` holds details that a summary leaves out. A line of `end` has
the sentence of the text before `=>` and that of the summary after it.
"""

CITIES = """Paris Berlin Rome Madrid Lisbon London Dublin Edinburgh Brussels Vienna Bern Warsaw Athens Oslo Stockholm Helsinki Copenhagen Reykjavik
Kyiv Budapest Bucharest Sofia Zagreb Ankara Cairo Rabat Tunis Nairobi Accra Dakar Tokyo Delhi Seoul Hanoi Jakarta Ottawa Havana Santiago Lima Quito
Porto Lyon Milan Naples Geneva Bergen Cork Leeds Bristol York Hamburg Bremen Seville Granada Turin Ghent""".split()
MEN = "Tom Ben Sam Paul Jack Leo Max David Peter Omar Mark Adam Hugo Noah Ivan Carlos Oscar Felix Daniel Bob John Robert James Ahmed Diego Kofi Ravi George Victor".split()
WOMEN = "Anna Maria Lisa Emma Nina Olivia Clara Sara Julia Eva Lucy Rosa Ella Mia Kate Zoe Amy Lena Grace Alice Mary Jane Laura Priya Yuki Fatima Ingrid Sofia Elena Helen".split()
SURNAMES = """Berg Costa Miller Novak Rossi Silva Khan Tanaka Moore Weber Lopez Martin Olsen Kim Fischer Brown Green Hill Wood Stone Baker Cook Reed
Lang Hansen Duarte Petrov Mensah Okafor Singh Patel Walsh Byrne Janssen Keller Moreau Girard Bianchi Santos Vega""".split()
DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
MONTHS = "January February March April May June July August September October November December".split()
BUILDINGS = "bakery school library hotel museum restaurant cinema hospital factory theatre supermarket church station bank pharmacy".split()
BUILT = "library,school,hospital,museum,park,swimming pool,bridge,theatre,market,playground,stadium,zoo".split(",")
JOBS = "teacher doctor baker farmer driver writer nurse painter pilot cook singer engineer student gardener".split()
ANIMALS = "cat dog parrot rabbit tortoise pony goat duck".split()
COLOURS = "red blue green yellow orange black white brown grey".split()
PRODUCTS = "bicycles lamps phones chairs coats toys boats tents cameras pianos shoes tables".split()
ITEM = "lamp phone chair camera toaster backpack jacket radio bike kettle tent laptop watch blender".split()
CONTESTS = "baking contest,chess tournament,singing contest,city marathon,poetry prize,photo contest,swimming race,gardening prize,science fair,dance contest".split(",")
FINDS = "old coins,a Roman wall,a stone ship,gold rings,a wooden door,old letters,a bronze bell,a stone table".split(",")
CAUSES = "a children's hospital,homeless people,a new playground,an animal shelter,the old library,families in need".split(",")
TEAMS = "Tigers Eagles Lions Rovers Sharks Bears Hawks Wolves Comets Falcons".split()
REASONS = "repair work,a broken bridge,a rock fall,new tracks,heavy snow,high water".split(",")
SIGHTS = "the old harbour,the castle,the market,the museum,the gardens,the beach,the food,the music,the cathedral".split(",")
PARTIES = "birthday party,garden party,dinner,picnic,concert,film evening".split(",")
PLACES = "park,school,beach,lake,town hall,cinema,museum,sports hall".split(",")

EVENTS = [
    dict(lead="""A fire broke out in a {building} in {city} on {day}.|On {day} a {building} in {city} caught fire.|It was a quiet {day} in {city}. Then a fire broke out in a {building}.
There was a fire in {city} on {day}. It started in the kitchen of a {building}.""",
         gist="A {building} in {city} caught fire on {day}.",
         end="""Nobody was hurt.=>Nobody was hurt.|All people left the {building} in time and nobody was hurt.=>Nobody was hurt.|{few} people were taken to hospital.=>{Few} people were hurt.
{few} people were hurt.=>{Few} people were hurt.""",
         more="""Firefighters needed {hours} hours to put it out.|The police do not know the cause yet.|The smoke could be seen from far away.|The {building} is {years} years old.
{person}, who lives next door, called for help.|The street was closed until the evening.|The owner, {person}, wants to open again soon.|{people} firefighters were there."""),
    dict(lead="""A new {built} opened in {city} on {day}.|{city} has a new {built}. It opened on {day}.|On {day} the mayor of {city} opened a new {built}.|People in {city} waited a long time. On {day} the new {built} finally opened.""",
         gist="A new {built} opened in {city} on {day}.",
         end="It cost {million} million euros.=>It cost {million} million euros.|The city paid {million} million euros for it.=>It cost {million} million euros.|On the first day {count} people came.=>{count} people came on the first day.|{count} visitors came on the first day.=>{count} people came on the first day.",
         more="""Work began {few2} years ago.|The mayor, {person}, gave a short speech.|Children sang and there was free cake.|It was planned by {person}.|It is open every day except {other_day}.
The old one was closed {few2} years ago.|There is also a small café.|Many people had asked for it."""),
    dict(lead="""The {city} {team} beat the {city2} {team2} {win} to {lose} on {day}.|On {day} the {city} {team} played against the {city2} {team2} and won {win} to {lose}.
The {city2} {team2} lost {lose} to {win} against the {city} {team} on {day}.""",
         gist="The {city} {team} beat the {city2} {team2} {win} to {lose} on {day}.",
         end="The last goal came from {person}.=>{person} scored the last goal.|{person} scored the last goal.=>{person} scored the last goal.|Now the {team} are first in the table.=>The {team} are now first.|With this win the {team} are first.=>The {team} are now first.",
         more="""{thousand} thousand people watched the match.|It rained during the whole game.|After {minutes} minutes it was still one to one.|The coach, {person2}, was proud of the team.
The next match is on {other_day}.|One player was hurt and had to leave.|The fans sang until the end.|It was a fair game."""),
    dict(lead="""A strong storm hit {city} on {day}.|On {day} a strong storm passed over {city}.|The wind became stronger and stronger on {day}. Then a storm hit {city}.|People in {city} will not forget {day}: a strong storm hit the city.""",
         gist="A storm hit {city} on {day}.",
         end="{count} houses had no power.=>{count} houses had no power.|The lights went out in {count} houses.=>{count} houses had no power.|{count} trees fell.=>{count} trees fell.|In the parks {count} trees fell down.=>{count} trees fell.",
         more="""Schools stayed closed.|Trains were late and some did not run.|The wind reached {speed} kilometres an hour.|{person} of the weather office had warned people.|Roofs and cars were damaged.
Firefighters worked all night.|"I have never seen so much rain," said {person}, a {job}.|The sun came back on {other_day}."""),
    dict(lead="""The company {firm} from {city} sold {count} {products} in {month}.|In {month} {firm} sold {count} {products}. The company is based in {city}.|{firm} is a company in {city}. It sold {count} {products} in {month}.""",
         gist="{firm} sold {count} {products} in {month}.",
         end="That is {percent} percent more than last year.=>That is {percent} percent more than last year.|Sales rose by {percent} percent.=>That is {percent} percent more than last year.|That is {percent} percent less than last year.=>That is {percent} percent less than last year.|Sales fell by {percent} percent.=>That is {percent} percent less than last year.",
         more="""The director, {person}, spoke to the press on {day}.|The company has {workers} workers.|It was founded {years} years ago.|Most customers live in other countries.|The most popular colour is {colour}.
A new shop will open in {city2}.|Prices will stay the same.|The firm also makes parts for machines."""),
    dict(lead="""{person}, a {job} from {city}, won the {contest} on {day}.|On {day} {person} won the {contest}. {He} is a {job} from {city}.|The winner of the {contest} is {person}, a {job} from {city}. The prize was given on {day}.
{person} works as a {job} in {city}. On {day} {he} won the {contest}.""",
         gist="{person}, a {job} from {city}, won the {contest}.",
         end="{He} received {count} euros.=>{He} received {count} euros.|The prize is {count} euros.=>{He} received {count} euros.|{He} wants to give the money to {cause}.=>{He} will give the money to {cause}.|The money will go to {cause}.=>{He} will give the money to {cause}.",
         more="""{people} people took part.|{person2} came second.|{He} had practised for {few2} years.|"I still cannot believe it," {he} said.|{He} is {age} years old.|The jury was impressed.
{His} family was there too.|The next contest will be in {city2}.|It was the {few_th} time that the contest took place."""),
    dict(lead="""A {colour} {animal} called {pet} ran away from {place_home} in {city}. After {days} days it was found.|{pet}, a {colour} {animal} from {city}, was lost for {days} days. Now it is home again.
For {days} days nobody knew where {pet} was. The {colour} {animal} from {city} has now been found.""",
         gist="The {animal} {pet} from {city} was found after {days} days.",
         end="{person} found it in a garden.=>{person} found it.|It was {person} who found it.=>{person} found it.|It was tired but well.=>It is well.|The {animal} is hungry but well.=>It is well.",
         more="""The family had put up {posters} posters.|The {animal} is {few2} years old.|It rained on most days.|The children cried for joy.|It had walked {kilometres} kilometres.|The door had been left open on {day}.
It likes cheese and soft blankets.|The neighbours helped to look for it."""),
    dict(lead="""Pupils of a school in {city} collected {count} euros for {cause}.|A school in {city} had a good idea. Its pupils collected {count} euros for {cause}.|For {cause} the pupils of a school in {city} collected {count} euros.""",
         gist="Pupils in {city} collected {count} euros for {cause}.",
         end="They sold cakes.=>They sold cakes.|To get the money they sold cakes.=>They sold cakes.|They washed cars.=>They washed cars.|To get the money they washed cars.=>They washed cars.|They ran {kilometres} kilometres for it.=>They ran {kilometres} kilometres.",
         more="""{people} pupils took part.|The idea came from {person}, a teacher.|It took {few2} weeks.|The parents helped as well.|On {day} the money was handed over.|The head of the school is proud.
Another school in {city2} wants to do the same.|The youngest pupil is {young} years old."""),
    dict(lead="""The railway line between {city} and {city2} will be closed for {few} weeks from {day}.|From {day} no trains will run between {city} and {city2}. The line is closed for {few} weeks.
Travellers need patience: from {day} the railway line between {city} and {city2} is closed for {few} weeks.""",
         gist="No trains will run between {city} and {city2} for {few} weeks.",
         end="The cause is {reason}.=>The cause is {reason}.|The line is closed because of {reason}.=>The cause is {reason}.|Buses will run every {minutes} minutes.=>Buses run every {minutes} minutes.|There will be a bus every {minutes} minutes.=>Buses run every {minutes} minutes.",
         more="""{thousand} thousand people use the line each day.|Tickets stay valid.|The work costs {million} million euros.|{person} of the railway asked for patience.|Some travellers are angry.|The trip will take one hour longer.
The line was built {years} years ago.|There is more information at the station."""),
    dict(lead="""Workers found {find} under a {building} in {city}.|While digging under a {building} in {city}, workers found {find}.|A {building} in {city} is being repaired. Under it, workers found {find}.""",
         gist="Workers found {find} under a {building} in {city}.",
         end="They are about {count} years old.=>The find is about {count} years old.|An expert thinks that the find is {count} years old.=>The find is about {count} years old.|It will be shown in a museum in {city2}.=>It will be shown in {city2}.|The museum of {city2} will show it to the public.=>It will be shown in {city2}.",
         more="""{person}, an expert, was called at once.|The work had to stop for {few2} weeks.|Nobody had expected it.|It was {metres} metres deep.|The find was made on {day}.|Many people came to look.
The mayor spoke of a lucky day.|The place is now guarded."""),
    dict(lead="""The council of {city} decided on {day} to build a {built}.|On {day} the council of {city} voted for a new {built}.|After a long talk on {day} the council of {city} decided: a {built} will be built.""",
         gist="{city} will build a {built}.",
         end="It will cost {million} million euros.=>It will cost {million} million euros.|The costs are {million} million euros.=>It will cost {million} million euros.|It will be ready in {month}.=>It will be ready in {month}.|The doors will open in {month}.=>It will be ready in {month}.",
         more="""{people} members were for it and {few2} against.|Some people would rather have a new road.|{person} made the plans.|The mayor is happy.|There had been letters from many parents.|The old houses there will be pulled down.
{person2} said that it was high time.|A first plan was stopped {few2} years ago."""),
    dict(lead="""{person} bought a {colour} {item} on {day}.|On {day} {person} ordered a {colour} {item}.|{person} wanted a new {item} for a long time. On {day} {he} bought a {colour} one.""",
         gist="{person} bought a {colour} {item}.",
         end="It works very well and {he} is happy with it.=>{He} is happy with it.|{He} likes it very much.=>{He} is happy with it.|It broke after {few} days and {he} wants the money back.=>It broke after {few} days.|After {few} days it did not work any more.=>It broke after {few} days.",
         more="""{He} paid {price} euros.|It came in a large box.|{His} friend {first} has the same one.|The shop is in {city}.|{He} had read many reviews.|There was also a {other_colour} one.
The old one was {few2} years old.|The seller was very friendly.|It rained when it arrived."""),
    dict(lead="""{person} spent {days} days in {city} with {first}.|Last {month} {person} and {first} went to {city} for {days} days.|{person} likes to travel. This time {he} went to {city} with {first} and stayed for {days} days.""",
         gist="{person} and {first} spent {days} days in {city}.",
         end="{He} liked {sight} best.=>{He} liked {sight} best.|Best of all {he} liked {sight}.=>{He} liked {sight} best.|The weather was bad all the time.=>The weather was bad.|It rained every day.=>The weather was bad.",
         more="""They stayed in a small hotel.|The train took {hours} hours.|The room cost {price} euros a night.|They walked {kilometres} kilometres on the first day.|On {day} they met {person2} by chance.|They took many pictures.
Next year they want to see {city2}.|They ate fish every evening."""),
    dict(lead="""Dear {first}, I would like to invite you to a {party} on {day}.|Hello {first}! On {day} there is a {party} and I would be glad if you came.|Dear {first}, how are you? I am planning a {party} on {day} and you are invited.""",
         gist="{first2} invites {first} to a {party} on {day}.",
         end="We meet at the {place} at {clock} o'clock.=>They meet at the {place} at {clock} o'clock.|It begins at {clock} o'clock at the {place}.=>They meet at the {place} at {clock} o'clock.|Please bring a cake.=>{first} should bring a cake.|Could you bring a cake?=>{first} should bring a cake.",
         more="""{person2} will come too.|My sister has written {few2} songs for it.|Last year it rained, but we danced anyway.|You can stay with us for the night.|I have a new {colour} coat.|The children are looking forward to it.
Please tell me until {other_day}.|There will be enough to drink.""", last="Best wishes, {first2}|Yours, {first2}|See you soon, {first2}"),
]
AROUND = """The weather was warm.|It was cold and windy.|The sun was shining.|Many people talked about it.|It was in the news on {other_day}.|"It was a long day," said {person2}, a {job}.|The day had begun like any other.
Nobody had thought of that.|{city} is known for its old bridges.|Some people took pictures.|There was a lot of traffic that day.|The local paper wrote about it.|A neighbour brought tea and bread.""".replace("\n", "|").split("|")
