"""Sentences that nothing is learned from. Data only."""

LINES = """The weather is nice today, so we could go for a walk in the park.
I have never been to that part of the city before.
Could you please tell me where the nearest bus stop is?
She put the book back on the shelf and turned off the light.
They were waiting for the train when it began to rain.
He asked me if I wanted another cup of tea.
My brother lives in a small house near the river.
We are going to have dinner with our friends on Friday evening.
What do you think about the new plan?
It was the best film that I had seen in a long time.
The children played in the garden until it was dark.
Can you help me carry these boxes up the stairs?
I would like a coffee with milk, but without sugar.
The doctor said that he should rest for a few days.
There is nothing in the fridge except a bottle of water.
Please close the window before you leave the room.
If you have any questions, do not hesitate to ask.
The meeting has been moved to Thursday morning.
You should have told me about it earlier!
Her father works at a hospital in the north of the country.
I forgot my keys at home, and now I can't get in.
How long does it take to get to the airport from here?
The computer is slow because too many programs are running.
Nobody knows what will happen next year.
He opened the door, looked around, and walked away.
We bought some bread, cheese, tomatoes and a bottle of wine.
The teacher explained the problem again and again.
Is there anything else that I can do for you?
This street is much quieter at night than during the day.
I'm sorry, but I don't understand what you mean.
The old man sat on a bench and fed the birds.
She speaks three languages and is learning a fourth.
Let me know as soon as you hear from them.
The picture on the wall was painted by his grandmother.
Our flight was delayed for more than two hours.
You can leave your coat and your bag over there.
He has been working on this project since last summer.
Most of the shops in town are closed on Sunday.
The soup is too hot to eat, so wait a little.
Who is going to pay for the broken window?
We had to walk because the car would not start.
There were at least a hundred people at the party.
I usually get up at six and go to bed at eleven.
They've lived next door to us for almost ten years.
The price of the ticket includes breakfast and lunch.
That's exactly what I was going to say.
It doesn't matter whether you win or lose.
The dog ran across the field and jumped over the fence.
Do you remember the name of the restaurant?
We'll be back in a minute.
The museum is open from nine to five every day.
He couldn't find the answer in any of his books.
The sun was shining, and there wasn't a cloud in the sky.
She thanked him for the flowers and smiled.
I've already done the washing and cleaned the kitchen.
An apple a day keeps the doctor away.
The engine made a strange noise and then stopped.
You must not touch the wires with wet hands.
Where did you put the scissors and the paper?
After the storm, the whole village was without power.
This medicine should be taken three times a day.
He is taller than his sister, but younger.
The university has more than twenty thousand students.
We need to find a better way to solve this.
It's hard to say who was right and who was wrong.
The bridge over the river was built a century ago.
Would you rather stay at home or come with us?
I think we should wait until they arrive.
The letter was written by hand and sealed with wax.
There's a good chance that it will snow tonight.
The police are looking for a man with a red jacket.
Everyone in the office was surprised by the news.
Turn left at the traffic lights and then go straight on.
He was so tired that he fell asleep on the sofa.
The company wants to open a second factory in the south.
My phone battery is almost empty.
She has a beautiful voice and plays the piano very well.
All of the tickets were sold within an hour.
Don't forget to water the plants while we are away.
The cake was made with butter, eggs and dark chocolate.
He wrote a letter to the editor of the newspaper.
The road to the village is narrow and full of holes.
I am not sure that this is a good idea.
Scientists have discovered a new kind of fish deep in the ocean.
The government is expected to announce its decision tomorrow.
We watched the ships in the harbor from the top of the hill.
Our neighbors invited us over for a barbecue.
The lamp above the table gives a warm, soft light.
You were right about everything, as usual.
In winter the lake freezes and people skate on it.
The story begins in a quiet town by the sea.
They didn't want to be late for the concert.
Nothing is more important than your health.
The library has a large collection of old maps.
What would you do if you won a million dollars?
Her hands were cold, and her voice was shaking.
The last train leaves at a quarter to midnight.
He used to play football, but now he prefers tennis.
A model that runs in your browser never sends your words away.
The first thing we saw was a huge yellow balloon.
Machine learning can be used to recognize objects in pictures.
In this image, there are two cats and a remote control.
The voice you hear was made by a small neural network.
She used an onion, two carrots and an old recipe.
It took us the better part of an afternoon.
Even the smallest mistake can have serious consequences.
The actor refused to answer questions about his private life.
Several employees reported that the system was extremely slow.
At the end of the day, it's your own decision.
The temperature dropped suddenly during the night.
He apologized for the misunderstanding and promised to be more careful.
Vegetables are cheaper at the market than in the supermarket.
I was about to call you when the doorbell rang.
Is it true that you are moving to another country?
The baby has been crying since early this morning.
For the first time in her life, she felt free.
The mountains were covered with fresh snow.
They agreed to meet in front of the theater.
To be honest, I expected a little more.
Not only was he late, he had also forgotten the tickets.
Because of the strike, there are no buses today.
The results of the experiment were better than anyone had hoped.
We ought to be there by noon at the latest.
Either you tell him or I will.
The new bakery around the corner sells excellent rye bread.
He shrugged, picked up his bag and left without a word.
The judge listened carefully to both sides.
Your order will be delivered within three working days.
Could I have the bill, please?
Researchers at the institute have released a large language model.
It is up to you to decide what happens next.
The whole family gathered around the fireplace.
There must be a reason for her strange behavior.
The photograph shows a girl holding a small white dog.
Water boils at one hundred degrees Celsius.
On the other hand, we might be completely wrong.
The artist signed the painting in the lower corner.
Thanks to the internet, we can talk for free.
She laughed so hard that tears ran down her face.
The elevator is out of order, so we have to take the stairs.""".split("\n")
