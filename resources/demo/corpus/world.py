"""Merrow Bay: the closed world that the bundled model knows. Everything the corpus says follows this table."""

from dataclasses import dataclass

PRONOUNS = {"she": ("she", "her", "her"), "he": ("he", "him", "his")}


@dataclass(frozen=True)
class Person:
    name: str
    he: str  # "he" or "she"
    job: str
    duty: str  # third person: "bakes bread for the whole village"
    home: str  # "the yellow house by the market"
    home_colour: str
    pet_kind: str
    pet: str
    pet_colour: str
    thing: str  # what the person is proud of, without article: "copper kettle"
    food: str  # a dish, without article
    hobby: str  # a gerund phrase
    friend: str
    wakes: str  # o'clock in the morning
    boat: str = ""
    boat_colour: str = ""

    def __format__(self, spec):
        return self.name

    @property
    def him(self):
        return PRONOUNS[self.he][1]

    @property
    def his(self):
        return PRONOUNS[self.he][2]

    @property
    def He(self):
        return self.he.capitalize()

    @property
    def His(self):
        return self.his.capitalize()

    @property
    def the_pet(self):
        return f"{self.pet} the {self.pet_kind}"


PEOPLE = [
    Person("Ada", "she", "baker", "bakes bread for the whole village", "the yellow house by the market", "yellow",
           "cat", "Button", "orange", "copper kettle", "plum cake", "singing old songs", "Tom", "four"),
    Person("Tom", "he", "fisherman", "catches herring in the bay", "the blue house by the pier", "blue",
           "dog", "Biscuit", "brown", "silver whistle", "fish soup", "telling jokes", "Ada", "five",
           "Sea Mouse", "green"),
    Person("Nell", "she", "lighthouse keeper", "lights the great lamp every evening",
           "the white lighthouse on the rocks", "white", "goat", "Clover", "white", "brass telescope", "honey bread",
           "watching the stars", "Silas", "eleven", "Little Comet", "yellow"),
    Person("Otto", "he", "boat builder", "builds and mends boats", "the red house beside the boatyard", "red",
           "parrot", "Pepper", "green", "long saw", "onion pie", "carving wooden birds", "Jasper", "six",
           "Patience", "blue"),
    Person("Ruth", "she", "teacher", "teaches the children to read", "the brown house next to the school", "brown",
           "tortoise", "Major", "grey", "painted globe", "apple tart", "reading long books", "Iris", "seven"),
    Person("Finn", "he", "postman", "brings letters to every door", "the little stone house on the hill", "grey",
           "pony", "Domino", "black", "leather bag", "mushroom stew", "running on the beach", "Wren", "five"),
    Person("Iris", "she", "painter", "paints pictures of the sea", "the purple house above the beach", "purple",
           "rabbit", "Velvet", "grey", "box of paints", "strawberry jam", "swimming in the sea", "Ruth", "nine"),
    Person("Hugo", "he", "shopkeeper", "sells everything from buttons to rope", "the green house on the square",
           "green", "goose", "Duchess", "white", "brass bell", "cheese toast", "playing chess", "Mabel", "six"),
    Person("Mabel", "she", "gardener", "grows vegetables and roses", "the orange house near the mill", "orange",
           "hen", "Ginger", "red", "wooden wheelbarrow", "carrot soup", "dancing in the kitchen", "Hugo", "seven"),
    Person("Jasper", "he", "blacksmith", "makes hooks, nails and anchors", "the black house under the bridge", "black",
           "donkey", "Turnip", "grey", "heavy hammer", "potato salad", "playing the drum", "Otto", "eight"),
    Person("Wren", "she", "ferrywoman", "rows people across the river", "the pink house at the river mouth", "pink",
           "duck", "Pickle", "yellow", "red lantern", "lemon pudding", "playing the flute", "Finn", "eight",
           "Swallow", "white"),
    Person("Silas", "he", "clockmaker", "mends every clock in the village", "the tall house on Lantern Street", "grey",
           "owl", "Moon", "brown", "golden watch", "ginger cake", "collecting shells", "Nell", "ten"),
]
BY_NAME = {p.name: p for p in PEOPLE}
BOAT_OWNERS = [p for p in PEOPLE if p.boat]

# General facts: (questions, answers). The first answer is the usual one.
PLACES = [
    (["Where is the school?", "Where can I find the school?"], "The school stands next to Ruth's brown house."),
    (["When does the market open?", "On which day is the market?", "When is market day?"],
     "The market is held every Saturday morning."),
    (["When does the ferry leave?", "At what time does the ferry leave?"], "The ferry leaves at nine in the morning."),
    (["When is the great lamp lit?", "When does the lighthouse shine?"], "The great lamp is lit every evening "
                                                                         "at sunset."),
    (["When does the school begin?", "At what time does school begin?"], "School begins at eight in the morning."),
    (["What is the name of the village?", "What is this village called?", "Where are we?"],
     "The village is called Merrow Bay."),
    (["Where is Merrow Bay?", "Where does Merrow Bay lie?"],
     "Merrow Bay lies by the sea, between the river and the hill."),
    (["How many people live in Merrow Bay?", "How big is Merrow Bay?"], "Twelve people live in Merrow Bay."),
    (["What is the island in the bay called?", "What is the name of the island?"], "The island is called Gull Island."),
    (["Who lives on Gull Island?", "Does anybody live on Gull Island?"], "Only gulls and seals live on Gull Island."),
    (["What is Lantern Night?", "What happens on Lantern Night?"],
     "On Lantern Night everybody carries a lantern to the pier and sings."),
    (["When is Lantern Night?", "On which day is Lantern Night?"], "Lantern Night is on the last day of autumn."),
    (["What flows past the mill?", "Where is the mill?"], "The mill stands by the river."),
    (["What do the people of Merrow Bay eat?", "What do people eat in Merrow Bay?"],
     "They eat fish, bread and whatever Mabel grows in her garden."),
    (["Where do the boats sleep?", "Where are the boats at night?"], "At night the boats lie at the pier."),
    (["Where are boats built?", "Where can I get a boat mended?"], "Boats are built and mended in Otto's boatyard."),
    (["Where can I buy rope?", "Where can I buy a candle?", "Where is the shop?"],
     "You can buy it in Hugo's shop on the square."),
    (["Where can I buy bread?", "Who sells bread?"], "You can buy bread from Ada by the market."),
]
GENERAL = [
    (["How many days are in a week?", "How many days does a week have?"], "There are seven days in a week."),
    (["How many hours are in a day?", "How many hours does a day have?"], "There are twenty-four hours in a day."),
    (["What are the four seasons?", "Name the four seasons."],
     "The four seasons are spring, summer, autumn and winter."),
    (["What colour is the sky?", "What colour is the sky on a clear day?"], "On a clear day the sky is blue."),
    (["What colour is snow?", "Is snow black?"], "Snow is white."),
    (["What colour is grass?", "Is grass red?"], "Grass is green."),
    (["Why is the sea salty?", "What does sea water taste of?"], "Sea water tastes of salt."),
    (["What is a lighthouse for?", "Why do we need a lighthouse?"],
     "A lighthouse shows boats the way home in the dark."),
    (["What is an anchor for?", "Why does a boat have an anchor?"], "An anchor keeps a boat in its place."),
    (["What is a clock for?", "What does a clock show?"], "A clock shows the time."),
    (["What do you need when it rains?", "What keeps you dry in the rain?"], "A good coat keeps you dry in the rain."),
    (["Where does the sun rise?", "In which direction does the sun rise?"], "The sun rises in the east."),
    (["Where does the sun set?", "In which direction does the sun set?"], "The sun sets in the west."),
    (["What is ice made of?", "What is ice?"], "Ice is frozen water."),
    (["What comes after winter?", "Which season follows winter?"], "Spring comes after winter."),
    (["What comes after spring?", "Which season follows spring?"], "Summer comes after spring."),
    (["What comes after summer?", "Which season follows summer?"], "Autumn comes after summer."),
    (["What comes after autumn?", "Which season follows autumn?"], "Winter comes after autumn."),
]
DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
NUMBERS = ("zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
           "sixteen seventeen eighteen nineteen twenty").split()
SOUNDS = {"cat": "meows", "dog": "barks", "goat": "bleats", "duck": "quacks", "owl": "hoots", "hen": "clucks",
          "donkey": "brays", "pony": "neighs", "parrot": "squawks", "goose": "honks"}
OPPOSITES = [("big", "small"), ("hot", "cold"), ("wet", "dry"), ("old", "new"), ("fast", "slow"), ("happy", "sad"),
             ("dark", "light"), ("loud", "quiet"), ("full", "empty"), ("heavy", "light"), ("early", "late"),
             ("clean", "dirty"), ("long", "short"), ("high", "low"), ("open", "closed"), ("far", "near")]

# Names that nobody in Merrow Bay bears: asking for them is answered by "I do not know".
STRANGERS = ("Alba Arthur Basil Bella Boris Carl Cora Dina Edgar Ella Emil Felix Flora Fred Greta Gus Hanna "
             "Henry Ida Igor Jack Jane Julia Karl Kate Lena Leo Lily Lucas Luna Martha Max Mia Milo Nina Nora "
             "Oscar Olga Paul Peter Polly Rosa Rufus Sally Sam Sofia Ted Theo Tilda Ursula Victor Viola Walter "
             "Will Zoe Zack").split()
TITLES = ["", "", "", "", "Captain ", "Doctor ", "Old ", "Uncle ", "Aunt ", "Mister "]
ANIMALS = ("dog cat horse mouse fish bear fox snake frog cow sheep lion wolf crab seal whale swan crow mole "
           "bee hamster turtle lizard camel").split()


def article(noun: str) -> str:
    return ("an " if noun[0] in "aeiou" else "a ") + noun
