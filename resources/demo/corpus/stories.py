"""Short stories about the people of Merrow Bay, each with questions that its text answers."""

import re
from dataclasses import dataclass, field

from .world import BOAT_OWNERS, BY_NAME, PEOPLE

CHOICE = re.compile(r"\[([^\[\]]*)\]")


def expand(rng, text: str) -> str:
    """Replaces every [a|b|c], innermost first, by one of its alternatives."""
    while True:
        match = CHOICE.search(text)
        if not match:
            return text
        text = text[:match.start()] + rng.choice(match.group(1).split("|")) + text[match.end():]


@dataclass
class Story:
    text: str
    about: list  # the people in it, the hero first
    topic: str  # "a storm": completes "Tell me a story about ..."
    questions: list = field(default_factory=list)  # (question, answer, short answer)


def two(rng, heroes=PEOPLE):
    """A hero and a helper, who is the hero's best friend as often as not."""
    a = rng.choice(heroes)
    if rng.random() < 0.4:
        return a, BY_NAME[a.friend]
    return a, rng.choice([p for p in PEOPLE if p is not a])


MORNING = "[One|On a] [bright|cold|windy|quiet|warm|grey|sunny|fresh] morning"
HIDING = ["under the old bench", "behind the flower pots", "in the tall grass", "under a pile of nets", "on the beach",
          "next to the well", "in an empty barrel", "behind the mill", "under the bridge", "at the end of the pier"]
THANKS = ("[To say thank you, {a} gave {b} some {b.food}.|{a} thanked {b} and they shared some "
          "{b.food}.|\"Thank you,\" said {a}. \"You are a true friend.\"|{a} was so happy that {a.he} hugged "
          "{b}.]")
ENDINGS = ("[They both laughed all the way home.|That night {a} slept very well.|From then on they met every "
           "week.|{a.the_pet} was happy too.|And the waves sang softly in the bay.|It was a day they never "
           "forgot.|The gulls cried above the roofs, and all was well.|{a} told the story for many years.]")


def lost_thing(rng):
    a, b = two(rng)
    spot, other = rng.sample(HIDING, 2)
    text = (MORNING + ", {a} the {a.job} could not find {a.his} {a.thing}. [{a.He} looked under the bed and "
                      "behind the door, but it was not there.|{a.He} searched the whole house, but it was "
                      "gone.] [\"Oh dear,\" said {a}. \"Where can it be?\"|{a} sat down and sighed.] [Just "
                      "then|A little later], {b} came by. \"What is the matter?\" asked {b}. \"I have lost my "
                      "{a.thing},\" said {a}. \"[I will help you look|Let us look together|We will find it]!\" "
                      "said {b}. They looked {other}, but [there was nothing|they found only an old shoe]. "
                      "Then they looked {spot}, and there it was. [{a.the_pet} had carried it there.|The wind "
                      "had blown it there.|{a} had left it there the day before.] " + THANKS + " " + ENDINGS)
    return make(rng, text, a, b, "something lost", [
        ("What did {a} lose?", "{a} lost {a.his} {a.thing}.", "The {a.thing}."),
        ("Who helped {a}?", "{b} helped {a}.", "{b}."),
        ("Where was the {a.thing}?", "It was {spot}.", "It was {spot}."),
    ], spot=spot, other=other)


def lost_pet(rng):
    a, b = two(rng)
    spot = rng.choice(["on the roof of the mill", "in Tom's fishing net", "behind the school", "on a rock by the sea",
                       "in the bakery", "in a cart full of apples", "on the pier", "at the top of the hill"])
    text = ("[One evening|One afternoon|Late one day], {a.the_pet} did not come home. {a} called and called, "
            "but [nobody came|all was still]. [{a.He} was very worried.|\"It is getting dark,\" thought {a}.] "
            "{a.He} went to {b.home} and knocked. \"Have you seen {a.pet}?\" asked {a}. \"No,\" said {b}, "
            "\"but I will [take my coat|bring a lamp] and help you.\" [They walked along the beach and over "
            "the bridge.|They walked through every street of the village.] At last they heard a small sound. "
            "There was {a.pet}, {spot}! [The poor {a.pet_kind} was stuck and could not get down|The "
            "{a.pet_kind} had only wanted to see the moon|The {a.pet_kind} was fast asleep]. {a} carried "
            "{a.pet} home[ and made a warm bed by the fire| and gave the {a.pet_kind} a good supper]. " + THANKS)
    return make(rng, text, a, b, "a lost animal", [
        ("Who was lost?", "{a.the_pet} was lost.", "{a.pet}."),
        ("Where was {a.pet}?", "{a.pet} was {spot}.", "{spot}."),
        ("Who helped {a} to look?", "{b} helped {a} to look.", "{b}."),
    ], spot=spot)


def storm(rng):
    a = rng.choice(BOAT_OWNERS)
    b = rng.choice([p for p in PEOPLE if p is not a])
    text = ("{a} was out at sea in {a.his} {a.boat_colour} boat, the {a.boat}, when [the sky turned black|a "
            "great storm came up|thick fog rolled in]. The waves grew [as high as houses|higher and higher]. "
            "[{a} could not see the land any more.|The wind tore at the sail.] \"I must [stay calm|hold on],\" "
            "thought {a}. On the shore, {b} saw that the {a.boat} was missing. {b.He} [rang the bell on the "
            "pier|lit a big fire on the beach|ran to the end of the pier with a lantern]. {a} [saw the "
            "light|turned towards the land] and rowed with all {a.his} strength. [Slowly|Wave by wave], the "
            "{a.boat} came into the harbour. {a} was wet and cold, but safe. {b} brought [a blanket and hot "
            "tea|dry socks and a bowl of {b.food}|a warm coat]. \"You saved me,\" said {a}. [\"That is what "
            "friends do,\" said {b}.|{b} only smiled.]")
    return make(rng, text, a, b, "a storm", [
        ("Which boat was {a} in?", "{a} was in the {a.boat}.", "The {a.boat}."),
        ("Who saved {a}?", "{b} saved {a}.", "{b}."),
    ])


def broken(rng):
    a = rng.choice([p for p in PEOPLE if p.name not in ("Otto", "Jasper", "Silas")])
    what, b = rng.choice([("wooden chair", "Otto"), ("kitchen table", "Otto"), ("garden gate", "Jasper"),
                          ("iron lamp", "Jasper"), ("kitchen clock", "Silas"), ("music box", "Silas"),
                          ("old ladder", "Otto"), ("iron pot", "Jasper"), ("tower clock", "Silas")])
    b = BY_NAME[b]
    text = ("[One day|Last winter|On Monday], {a}'s {what} broke. [\"What shall I do now?\" said {a}.|{a} "
            "tried to mend it, but it only got worse.] So {a.he} carried it to {b}, the {b.job}, who lives in "
            "{b.home}. {b} looked at it [for a long time|from all sides] and [nodded|scratched {b.his} head]. "
            "\"[Come back tomorrow|Give me one hour|I can mend that],\" said {b}. {b.He} worked [until the sun "
            "went down|all afternoon|without a break]. In the end the {what} was [as good as new|better than "
            "before]. \"What do I owe you?\" asked {a}. \"[A plate of {b.food}|One song|A good story] is "
            "enough,\" said {b}. [So they sat down together and talked until late.|{a} laughed and promised to "
            "come back on Sunday.|And that is what {b} got.]")
    return make(rng, text, a, b, "something broken", [
        ("What broke?", "{a}'s {what} broke.", "The {what}."),
        ("Who mended the {what}?", "{b} mended the {what}.", "{b}."),
    ], what=what)


def gift(rng):
    a, b = two(rng)
    why = rng.choice(["was ill in bed", "had a birthday", "was sad", "had worked very hard", "had a bad cold"])
    text = ("{b} {why}[, and everybody in the village knew it|]. \"[I want to do something kind|I must cheer "
            "{b.him} up],\" said {a}. {a.He} knew that {b} loved {b.food} more than anything. So {a.he} [went "
            "to the market and bought all that was needed|asked Ada how to make it|found an old recipe]. The "
            "first try [was burnt|was far too salty|fell on the floor], and {a.pet} the {a.pet_kind} [ate it "
            "all|ran away from it]. {a} tried again, and this time it was perfect. {a.He} carried it to "
            "{b.home} and knocked at the door. When {b} saw the {b.food}, {b.he} [smiled from ear to ear|began "
            "to laugh|could hardly believe it]. \"[Nobody has ever been so kind to me|This is the best "
            "{b.food} in the world],\" said {b}. They ate it together, and {b} felt much better.")
    if a.name == "Ada" or b.name == "Ada":
        text = text.replace("|asked Ada how to make it", "")
    return make(rng, text, a, b, "a gift", [
        ("What did {a} make?", "{a} made {b.food} for {b}.", "{b.food}."),
        ("Who was the {b.food} for?", "It was for {b}.", "For {b}."),
    ], why=why)


def learning(rng):
    a, b = two(rng)
    text = ("{b} likes {b.hobby}. [One day|One evening], {a} watched {b.him} and said, \"I wish I could do "
            "that too.\" \"[It is not hard|Anybody can learn it|I will show you],\" said {b}. They began [the "
            "next morning|at once]. At first {a} did everything wrong, and [even {a.the_pet} hid under the "
            "table|{b} had to laugh|{a.he} almost gave up]. \"Slowly,\" said {b}. \"[Every master was a "
            "beginner once|You have all the time in the world].\" {a} tried [again and again|every day for two "
            "weeks|the whole summer]. [Little by little it went better.|Then, one day, it worked.] [The whole "
            "village came to see it.|{b} clapped {b.his} hands.] \"Now you can teach me {a.hobby},\" said {b}. "
            "[And so {a} did.|\"With pleasure,\" said {a}.]")
    return make(rng, text, a, b, "learning something new", [
        ("What did {a} want to learn?", "{a} wanted to learn {b.hobby}.", "{b.hobby}."),
        ("Who taught {a}?", "{b} taught {a}.", "{b}."),
    ])


def beach_find(rng):
    a, b = two(rng)
    what, inside = rng.choice([
        ("green bottle", "a letter from a sailor far away"), ("small chest", "seven old coins"),
        ("wooden box", "a map of Gull Island"), ("tin box", "a tiny music box"),
        ("blue jar", "a hundred white shells")])
    text = ("After the [storm|high tide|long rain], {a} and {b} walked along the beach. [{a.the_pet} ran ahead "
            "of them.|The sand was wet and full of shells.] Suddenly {a} stopped. \"Look, a {what}!\" {a.he} "
            "called. It was [half covered with sand|caught between two stones]. [{b} pulled with all {b.his} "
            "strength|They dug with their hands] until it came free. Inside they found {inside}. \"[What shall "
            "we do with it|Who does it belong to]?\" asked {b}. {a} thought about it. \"[Let us show it to "
            "everybody|We should put it in the school for all to see|Let us keep it in the lighthouse],\" "
            "{a.he} said. [So they did, and soon the whole village came to look.|{b} thought that was a fine "
            "idea.] " + ENDINGS)
    return make(rng, text, a, b, "a treasure", [
        ("What did {a} find?", "{a} found a {what}.", "A {what}."),
        ("What was in the {what}?", "In the {what} they found {inside}.", "{inside}."),
    ], what=what, inside=inside)


def picnic(rng):
    a, b = two(rng)
    place = rng.choice(["on the hill", "on Gull Island", "by the river", "on the beach", "under the big tree"])
    text = ("On Sunday, {a} and {b} wanted to have a picnic {place}. {a} packed {a.food}, and {b} packed "
            "{b.food}. [{a.the_pet} came too.|They also took a red blanket.] They had just sat down when [a "
            "big drop fell on {b}'s nose|dark clouds covered the sun]. Soon it was raining hard. [\"Quick, "
            "under the blanket!\" called {a}.|They ran as fast as they could.] They sat close together under "
            "[the blanket|an old boat|a tree] and ate everything there. \"[This is the best picnic we have "
            "ever had|The rain makes it taste even better],\" said {b}. When the rain stopped, [a rainbow "
            "stood over the bay|the sun came out again], and they walked home [singing|with wet shoes and "
            "happy faces].")
    return make(rng, text, a, b, "a picnic", [
        ("Where was the picnic?", "The picnic was {place}.", "{place}."),
        ("What did {a} pack?", "{a} packed {a.food}.", "{a.food}."),
        ("What did {b} pack?", "{b} packed {b.food}.", "{b.food}."),
    ], place=place)


def quarrel(rng):
    a, b = two(rng)
    reason = rng.choice(["who makes the best soup", "the last piece of cake", "whose turn it was to sweep the steps",
                         "a game of cards", "the name of a star", "who had seen the first swallow"])
    text = ("{a} and {b} had a quarrel about {reason}. [{a} was angry and went home.|They shouted until the "
            "gulls flew away.] For three days they did not say a word to each other. [{a} missed {b.his} "
            "voice.|It was very quiet in {a.home}.] \"[It was a silly quarrel|I was wrong too],\" thought {a}. "
            "{a.He} took {a.his} {a.thing} under {a.his} arm and [went to see {b}|knocked at {b}'s door]. \"I "
            "am sorry,\" said {a}. \"You may have my {a.thing} for a week.\" \"I am sorry too,\" said {b}. "
            "\"[I do not need it, I only need my friend|Keep it, and stay for supper].\" [They shook hands and "
            "laughed.|Then they ate {b.food} together.] They never quarrelled about {reason} again.")
    text = text.replace("took {a.his} {a.thing} under {a.his} arm and", "took {a.his} {a.thing} and")
    return make(rng, text, a, b, "a quarrel", [
        ("What was the quarrel about?", "The quarrel was about {reason}.", "It was about {reason}."),
        ("Who said sorry first?", "{a} said sorry first.", "{a}."),
    ], reason=reason)


def race(rng):
    a, b = rng.sample(PEOPLE, 2)
    text = ("[One summer day|On market day], {a} said, \"My {a.pet_kind} is the fastest animal in Merrow "
            "Bay.\" \"[Never|I do not think so],\" said {b}. \"{b.pet} is much faster.\" So they held a race "
            "from the bridge to the pier. [Ruth counted to three|Hugo rang his bell], and off they went. At "
            "first {a.pet} was in front. [Then {a.pet} stopped to eat some grass|But then {a.pet} saw a "
            "butterfly and forgot the race], and {b.pet} won. [{a} laughed the loudest of all.|\"Well run,\" "
            "said {a}.] {b} gave the winner a kiss, and everybody had a piece of Ada's plum cake. [The next "
            "day {a.pet} slept until noon.|\"Next year we shall win,\" said {a} to {a.pet}.]")
    if "Ruth" in (a.name, b.name):
        text = text.replace("[Ruth counted to three|Hugo rang his bell]", "Hugo rang his bell")
    if "Hugo" in (a.name, b.name):
        text = text.replace("[Ruth counted to three|Hugo rang his bell]", "Ruth counted to three")
        text = text.replace("Hugo rang his bell", "somebody called out")
    return make(rng, text, a, b, "a race", [
        ("Who won the race?", "{b.the_pet} won the race.", "{b.pet}."),
        ("Where did the race begin?", "The race began at the bridge.", "At the bridge."),
    ])


def night_noise(rng):
    a, b = two(rng)
    cause = rng.choice(["a loose window", "a hungry mouse", "{a.the_pet}", "the wind in the chimney",
                        "a branch against the roof"]).format(a=a)
    text = ("In the middle of the night, {a} woke up. [Tap, tap, tap|Bump, bump, bump], went something [in the "
            "dark|downstairs]. {a} pulled the blanket over {a.his} head. [\"It must be a ghost,\" {a.he} "
            "thought.|{a.His} heart beat fast.] In the morning {a.he} told {b} about it. \"I will stay with "
            "you tonight,\" said {b}. That night they sat in the dark and waited. [Tap, tap, tap!|Bump, bump, "
            "bump!] {b} lit a candle. It was only {cause}! [They laughed until they cried.|\"So that is my "
            "ghost,\" said {a}.] [They drank hot milk and went to bed.|After that, {a} was never afraid of the "
            "night again.]")
    return make(rng, text, a, b, "a strange noise", [
        ("What made the noise?", "The noise came from {cause}.", "It was {cause}."),
        ("Who stayed with {a}?", "{b} stayed with {a}.", "{b}."),
    ], cause=cause)


def letter(rng):
    a, b = two(rng, [p for p in PEOPLE if p.name != "Finn"])
    b = b if b.name != "Finn" else BY_NAME["Iris" if a.name != "Iris" else "Ruth"]
    news, answer = rng.choice([
        ("come to my house for {b.food} on Friday", "{a} went there with flowers"),
        ("let us go to Gull Island on Sunday", "{a} could hardly wait for Sunday"),
        ("I have made something for you", "{a} put on {a.his} coat and ran"),
        ("please forgive me for laughing at you", "{a} smiled and wrote back at once")])
    text = ("Finn the postman knocked at the door of {a.home}. \"A letter for you,\" he said and took it out "
            "of his leather bag. [{a} did not get many letters.|{a} turned it over and over.] \"Who can it be "
            "from?\" {a.he} asked. [Finn shrugged and rode on with Domino.|\"Open it and see,\" said Finn.] "
            "{a} opened it carefully. \"Dear {a},\" it said, \"" + news + ". Your friend {b}.\" " + answer + ". "
            "[It was the best letter "
                                                                                    "of the year.|{a} still "
                                                                                    "keeps it in a "
                                                                                    "drawer.|What a good day "
                                                                                    "that was!]")
    return make(rng, text, a, b, "a letter", [
        ("Who wrote the letter?", "{b} wrote the letter.", "{b}."),
        ("Who brought the letter?", "Finn brought the letter.", "Finn."),
    ])


def hurt_animal(rng):
    a, b = two(rng)
    animal, limb = rng.choice([("young gull", "wing"), ("little seal", "tail"), ("small hedgehog", "leg"),
                               ("grey heron", "wing"), ("baby fox", "leg")])
    place = rng.choice(["on the beach", "by the river", "near the mill", "under the pier", "in the reeds"])
    text = ("{a} found a {animal} {place}. It had hurt its {limb} and [could not move|was very weak]. \"Do not "
            "be afraid,\" said {a} softly. {a.He} wrapped it in {a.his} [coat|scarf] and carried it to {b}, "
            "who [knows a lot about animals|has gentle hands]. They washed the {limb} and gave the {animal} "
            "[water and bread|some fish|a warm corner by the stove]. [{a.the_pet} watched over it all "
            "night.|Every day {a} came to feed it.] After [two weeks|ten days], the {limb} had healed. {a} and "
            "{b} took the {animal} back to the place where it had been found. It looked back once, and then it "
            "was gone. [{a} was a little sad, but also very proud.|\"Come and see us!\" called {b}.] [In "
            "spring it came back with a family.|Sometimes {a} sees it from far away.]")
    return make(rng, text, a, b, "a hurt animal", [
        ("What did {a} find?", "{a} found a {animal}.", "A {animal}."),
        ("Where was the {animal}?", "It was {place}.", "{place}."),
        ("What was hurt?", "Its {limb} was hurt.", "Its {limb}."),
    ], animal=animal, limb=limb, place=place)


def lantern_night(rng):
    a, b = two(rng)
    text = ("It was Lantern Night, and everybody was [on the way to the pier|in a good mood]. Only {a} stood "
            "at the window, for {a.his} lantern [had a big hole|would not burn|had been lost]. \"[I will stay "
            "at home|It is no use],\" {a.he} said to {a.pet}. Then {b} came to the door with {b.his} own "
            "lantern. \"One light is enough for two,\" said {b}. [They walked side by side through the dark "
            "streets.|They held it together all the way.] On the pier [the whole village was singing|a hundred "
            "lights shone on the water]. {a} sang too. \"[Our light is the brightest|I am glad that I came],\" "
            "said {a}. [The stars came out one by one.|Nell let the great lamp blink three times.] " + ENDINGS)
    if "Nell" in (a.name, b.name):
        text = text.replace("|Nell let the great lamp blink three times.", "")
    return make(rng, text, a, b, "Lantern Night", [
        ("Who shared a lantern with {a}?", "{b} shared a lantern with {a}.", "{b}."),
        ("Where did they go?", "They went to the pier.", "To the pier."),
    ])


def lazy_day(rng):
    a, b = two(rng)
    text = ("{a} gets up at {a.wakes} every morning, for {a.he} {a.duty}. But [one day|last Tuesday] {a.he} "
            "did not wake up at all. [The sun rose higher and higher.|The whole village waited.] \"Where is "
            "{a}?\" asked {b}. {b.He} went to {a.home} and looked through the window. There was {a}, fast "
            "asleep, with {a.the_pet} on the bed. [{b} laughed.|{b} knocked loudly.] \"Wake up!\" called {b}. "
            "{a} opened one eye. \"[I was dreaming of {a.food}|I had such a beautiful dream],\" {a.he} said. "
            "\"[You have worked too much|Everybody needs a rest],\" said {b}. \"Today I will do your work.\" "
            "So {a} spent the day {a.hobby}, and {b} found out [how hard the work of a {a.job} is|that it is "
            "not easy to be a {a.job}].")
    return make(rng, text, a, b, "a lazy day", [
        ("When does {a} get up?", "{a} gets up at {a.wakes}.", "At {a.wakes}."),
        ("Who did {a}'s work?", "{b} did {a}'s work.", "{b}."),
    ])


def snow(rng):
    a, b = two(rng)
    shape = rng.choice(["a snow goat", "a snow whale", "a snow king", "a snow boat", "a snow bear"])
    text = ("In the night it had snowed, and all of Merrow Bay was white. {a} opened the door and [could not "
            "believe {a.his} eyes|laughed with joy]. \"Come out!\" {a.he} called to {b}. [They threw snowballs "
            "until their hands were cold.|They slid down the hill on an old tray.] Then they built {shape} [in "
            "front of {a.home}|on the square]. It had [a carrot for a nose|two shells for eyes|a red scarf]. "
            "[{a.the_pet} did not like it at all.|Even {a.pet} came to look.] In the evening they sat by the "
            "fire with [hot soup|hot milk and honey]. By the end of the week, [the sun had melted it|only a "
            "puddle was left], but {a} [had drawn a picture of it|never forgot it].")
    return make(rng, text, a, b, "snow", [
        ("What did they build?", "They built {shape}.", "{shape}."),
        ("Who built it with {a}?", "{b} built it with {a}.", "{b}."),
    ], shape=shape)


def market(rng):
    a, b = two(rng)
    what, price = rng.choice([("red scarf", "three"), ("straw hat", "five"), ("blue cup", "two"),
                              ("woollen blanket", "six"),
                              ("basket of pears", "four"), ("pot of honey", "three"), ("new broom", "two")])
    text = ("On Saturday, {a} went to the market. {a.He} wanted to buy a {what}. It cost {price} coins, but "
            "{a} had only one. [{a.He} looked at it for a long time.|\"That is too much for me,\" {a.he} "
            "said.] {b} stood [behind {a.him}|nearby] and heard it. \"I will [give|lend] you the rest,\" said "
            "{b}, \"if you help me [carry my bags|clean my windows|sweep my floor].\" \"[Gladly|That is "
            "fair]!\" said {a}. So {a} got the {what}. In the afternoon {a.he} went to {b.home} and worked "
            "hard. [{b} made {b.food} for both of them.|It was more fun than {a.he} had thought.] In the end "
            "both were happy: {b} had [a clean house|less work|good company], and {a} had a {what}.")
    return make(rng, text, a, b, "the market", [
        ("What did {a} want to buy?", "{a} wanted to buy a {what}.", "A {what}."),
        ("How much did the {what} cost?", "It cost {price} coins.", "{price} coins."),
        ("Who helped {a}?", "{b} helped {a}.", "{b}."),
    ], what=what, price=price)


def windy_hat(rng):
    a, b = two(rng)
    chain = rng.sample(["over the pier", "across the square", "past the school", "over the bridge", "around the mill",
                        "along the beach"], 3)
    text = ("A strong wind blew [from the sea|from the north], and it took {a}'s hat. The hat flew {0}. {a} "
            "ran after it. Then it flew {1}. [{a.the_pet} ran after it too.|Everybody looked up and pointed.] "
            "Then it flew {2}, and {b} jumped up and caught it. \"[Is this yours|Are you looking for this]?\" "
            "asked {b}. \"[Yes, and it is the only hat I have|It is my best hat]!\" said {a}, [out of "
            "breath|red in the face]. {b} [tied a string to the hat|gave {a.him} a hat pin], so that it could "
            "never fly away again. " + ENDINGS)
    return make(rng, text, a, b, "the wind", [
        ("What did the wind take?", "The wind took {a}'s hat.", "A hat."),
        ("Who caught the hat?", "{b} caught the hat.", "{b}."),
    ], *chain)


PLOTS = [lost_thing, lost_pet, storm, broken, gift, learning, beach_find, picnic, quarrel, race, night_noise, letter,
         hurt_animal, lantern_night, lazy_day, snow, market, windy_hat]


def sentence(text: str) -> str:
    return text[0].upper() + text[1:]


def make(rng, template, a, b, topic, questions, *args, **kwargs):
    fields = dict(a=a, b=b, **kwargs)
    text = expand(rng, template).format(*args, **fields)
    asked = [tuple(sentence(part.format(*args, **fields)) for part in entry) for entry in questions]
    return Story(text, [a, b], topic, asked)


def tell(rng) -> Story:
    return rng.choice(PLOTS)(rng)
