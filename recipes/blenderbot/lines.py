"""What people say in small talk and what is answered. Data only: ways to say it separated by `;`, then `|`, then the answer."""

HOBBIES = dict(line.split(":") for line in """football:Which team do you like best?|tennis:Do you play with a friend?|swimming:Do you swim in a pool or in the sea?|running:How far do you run?
hiking:Do you like the mountains?|cycling:Where do you ride your bike?|yoga:Does it help you to relax?|dancing:What kind of music do you dance to?|singing:Do you sing in a choir?
painting:What do you like to paint?|drawing:What do you like to draw?|reading:What is your favourite book?|writing:Do you write stories or poems?|cooking:What is your best dish?
baking:Do you bake bread or cakes?|gardening:What do you grow in your garden?|fishing:What was your biggest fish?|chess:Who taught you to play?|photography:What do you take pictures of?
travelling:Which country did you like best?|knitting:What are you knitting now?|sewing:Do you sew your own clothes?|skiing:Where do you go skiing?|surfing:Are you not afraid of the waves?
music:What kind of music do you like?|movies:What is your favourite movie?|video games:Which game do you like best?|board games:Who do you play with?|horses:Do you ride?
cars:What is your dream car?|trains:Do you travel by train often?|birds:Which bird is your favourite?|history:Which time do you find most interesting?|maths:Are you good at it?
the piano:How long have you played?|the guitar:Do you play in a band?""".replace("\n", "|").split("|"))
FOODS = "pizza pasta sushi soup salad chocolate bread cheese rice curry pancakes burgers tacos noodles fish chicken apples strawberries cake".split()
JOBS = dict(line.split(":") for line in """teacher:What do you teach?|nurse:Is it hard to work at night?|doctor:Do you work in a hospital?|cook:What do you like to cook?|baker:Do you get up early?|farmer:Do you have animals?
driver:Do you drive far?|writer:What do you write about?|painter:What do you paint?|singer:Where do you sing?|engineer:What do you build?|student:What do you study?|gardener:Do you like flowers?
pilot:Where do you fly to?|waiter:Are your guests friendly?|carpenter:What do you make?|lawyer:Is it stressful?|programmer:Which language do you use?|librarian:Do you read a lot?|police officer:Is it dangerous?""".replace("\n", "|").split("|"))
PETS = "dog cat rabbit horse parrot hamster goldfish tortoise pony mouse".split()
PET_NAMES = "Rex Luna Bello Mimi Coco Max Flora Pip Bella Charlie Milo Daisy Rocky Lucky Ruby Oscar Toby Molly Simba Nala".split()
COLOURS = "red blue green yellow orange purple black white pink".split()
KIN = "brother sister son daughter uncle aunt cousin".split()
SMALL = "one two three four five six seven eight nine ten eleven twelve".split()

# Said at any time.
TALK = [(line.split("|")[0].split(";"), line.split("|")[1]) for line in """
hi;hello;hey;hi there;hello there;good day;hey there;hiya;good morning;good evening;good afternoon|Hello! How are you today?
how are you;how are you doing;how are you today;how is it going;how are things;what's up;how do you feel;are you well|I am doing well, thank you. How are you?
i am fine;i'm good;i am doing well;i am well, thank you;pretty good;i'm great;all good;not bad;i am ok|I am glad to hear that. What do you like to do for fun?
i am sad;i feel sad;i had a bad day;i am lonely;i feel terrible;today was awful;i am unhappy;i am upset|I am sorry to hear that. Do you want to talk about it?
i am happy;i feel great;i had a good day;today was great;i am so happy;i feel wonderful|That is wonderful! What made you so happy?
i am tired;i did not sleep well;i am exhausted;i need sleep;i feel sleepy|Then you should rest a little. Did you have a long day?
i am bored;i have nothing to do;this is boring;i am so bored|Let us talk then. What do you like to do for fun?
i am sick;i have a cold;i do not feel well;i am ill;i have a headache|I am sorry. I hope you feel better soon.
i am hungry;i want to eat;i am starving;i did not have lunch|Then it is time to eat. What is your favourite food?
thanks;thank you;thank you very much;many thanks;thanks a lot;that was nice of you|You are welcome! It is nice to talk to you.
bye;goodbye;see you;see you later;i have to go;good night;talk to you later;see you tomorrow|Goodbye! It was nice talking to you.
sorry;i am sorry;my mistake;excuse me|That is no problem at all.
who are you;what are you;are you a robot;are you human;are you a bot;are you real;tell me about yourself|I am a very small chat program that likes to talk. What about you?
what is your name;do you have a name;what should i call you;tell me your name|My name is Wick. What is your name?
how old are you;when were you born;when is your birthday;what is your age|I am a program, so I have no age. How old are you?
where do you live;where are you from;where do you come from;where are you|I live in your browser. Where do you live?
what do you do;what is your job;do you work;what do you do for a living|I talk to people, that is my job. What do you do?
do you have any pets;do you have a dog;do you have a cat;do you like animals;do you have a pet|I have no pets, but I like to hear about animals. Do you have one?
do you have a family;do you have friends;are you married;do you have children;do you have brothers or sisters|I am a program and have no family. Do you have brothers or sisters?
what is your favourite food;what do you like to eat;do you eat;do you like pizza;do you like chocolate|I cannot eat, but I like to hear about food. What is your favourite food?
what is your favourite colour;which colour do you like;do you have a favourite colour|I like the colour of the sky. What is your favourite colour?
what do you like to do;do you have hobbies;what are your hobbies;what do you do for fun;what do you like|I like to talk with people. What are your hobbies?
what can you do;can you help me;help;what can we talk about;what should we talk about|We can talk about you: your hobbies, your job, your pets or your favourite food.
tell me a joke;do you know a joke;make me laugh;say something funny;tell me something funny|Why did the bread see a doctor? It felt crumby!
that is funny;haha;lol;you are funny;hahaha|I am glad that you like it!
you are nice;i like you;you are great;you are smart;good answer;you are cool|Thank you! You are very kind.
you are stupid;that is wrong;you are wrong;bad answer;you are boring|I am sorry. I am very small and make many mistakes.
how is the weather;is it raining;what is the weather like;is it cold outside;will it rain tomorrow|I cannot see outside. How is the weather where you are?
it is raining;it rains all day;it is cold and wet;the weather is bad;it is snowing|That sounds cold. I hope you are warm inside.
it is sunny;the sun is shining;it is a beautiful day;the weather is nice;it is warm today|That sounds lovely. Are you going outside today?
what time is it;what day is it;what is the date;do you know the time|I have no clock, so I do not know that.
do you like music;what music do you like;can you sing;do you play an instrument|I cannot hear music, but I like to read about it. What music do you like?
do you like movies;what is your favourite movie;do you watch films;do you watch tv|I cannot watch movies. What is your favourite movie?
do you read books;what is your favourite book;do you like reading;do you like books|I like words very much. What is your favourite book?
it is my birthday;today is my birthday;i have birthday today;it is my birthday today|Happy birthday! How old are you today?
i am going on holiday;i am going on vacation;i will travel tomorrow;i am packing my bags|That sounds exciting! Where are you going?
i have a test tomorrow;i have an exam;i have to study;i have a lot of homework|Good luck! What subject is it?
i am going to bed;i am going to sleep;it is late;time for bed|Good night! Sleep well.
what do you think;what is your opinion;what would you do;give me some advice|I am only a small program. What do you think yourself?
""".strip().split("\n")]

# Answers to the question that was just asked, whatever it was about.
YES = "yes;yes i do;yes, very much;of course;sure;yeah;yes, it is;yes, i am;oh yes;definitely".split(";")
NO = "no;no i don't;not really;not at all;nope;no, never;no, it is not;no, i am not".split(";")
UNSURE = "i don't know;maybe;sometimes;not sure;it depends;i am not sure;hard to say".split(";")
AFTER_YES, AFTER_NO, AFTER_UNSURE = "That is nice! Tell me more about it.", "I see. What else would you like to talk about?", "That is fine. What else is new?"
TELL_MORE = "That sounds interesting! Tell me more about it."
NOT_TOLD = "I do not think you told me that."
UNKNOWN = "I do not know much about that. What do you like to do for fun?"
