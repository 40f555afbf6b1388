"""Questions and answers about Merrow Bay, as rounds (question, answer, short answer) of a conversation."""

from . import stories
from .world import (ANIMALS, BOAT_OWNERS, BY_NAME, DAYS, GENERAL, NUMBERS, OPPOSITES, PEOPLE, PLACES, SOUNDS, STRANGERS,
                    TITLES, article)

# What is known of every person: questions by name, follow-up questions by pronoun, answers, the short answer.
FACTS = {
    "job": (["What does {p} do?", "What is {p}'s job?", "What work does {p} do?", "How does {p} earn {p.his} living?",
             "Tell me what {p} does.", "What does {p} do all day?"],
            ["What does {p.he} do?", "What is {p.his} job?", "And what work does {p.he} do?"],
            ["{p} is the {p.job} of Merrow Bay. {p.He} {p.duty}."], "{p.job}."),
    "home": (["Where does {p} live?", "Where is {p}'s home?", "Where can I find {p}?", "In which house does {p} live?",
              "Where do I have to go to visit {p}?", "Do you know where {p} lives?"],
             ["Where does {p.he} live?", "Where can I find {p.him}?", "And where is {p.his} home?"],
             ["{p} lives in {p.home}."], "In {p.home}."),
    "pet": (["What animal does {p} have?", "Does {p} have an animal?", "Which animal lives with {p}?",
             "What pet does {p} keep?", "Tell me about {p}'s animal.", "Who keeps {p} company at home?"],
            ["Does {p.he} have an animal?", "What animal does {p.he} have?", "And what pet does {p.he} keep?"],
            ["{p} has {pet} called {p.pet}."], "{p.pet} the {p.pet_kind}."),
    "pet name": (["What is {p}'s {p.pet_kind} called?", "What is the name of {p}'s {p.pet_kind}?",
                  "What name did {p} give {p.his} {p.pet_kind}?"],
                 ["What is {p.his} {p.pet_kind} called?", "And what is the name of {p.his} {p.pet_kind}?"],
                 ["{p}'s {p.pet_kind} is called {p.pet}."], "{p.pet}."),
    "pet colour": (["What colour is {p}'s {p.pet_kind}?", "What colour is {p.pet} the {p.pet_kind}?",
                    "What does {p}'s {p.pet_kind} look like?"],
                   ["What colour is {p.his} {p.pet_kind}?", "And what colour is the {p.pet_kind}?"],
                   ["{p.pet} the {p.pet_kind} is {p.pet_colour}."], "{p.pet_colour}."),
    "thing": (["What is {p} proud of?", "What does {p} own?", "What would {p} never sell?",
               "What is {p}'s dearest thing?", "Which thing does {p} love most?"],
              ["What is {p.he} proud of?", "What would {p.he} never sell?", "And what does {p.he} own?"],
              ["{p} is very proud of {p.his} {p.thing}."], "{p.his} {p.thing}."),
    "food": (["What does {p} like to eat?", "What is {p}'s favourite food?", "What should I cook for {p}?",
              "Which dish does {p} love?", "What can I bring {p} for supper?", "What does {p} eat on a good day?"],
             ["What does {p.he} like to eat?", "What is {p.his} favourite food?",
              "And what should I cook for {p.him}?"],
             ["{p} loves {p.food} more than anything."], "{p.food}."),
    "hobby": (["What does {p} like to do?", "What does {p} enjoy?", "What does {p} do on Sundays?",
               "What is {p}'s hobby?", "How does {p} spend a free evening?", "What does {p} do for fun?"],
              ["What does {p.he} enjoy?", "What does {p.he} do for fun?", "And what is {p.his} hobby?"],
              ["{p} likes {p.hobby}."], "{p.hobby}."),
    "friend": (["Who is {p}'s best friend?", "Who is {p}'s friend?", "Which friend does {p} trust most?",
                "Who does {p} like best?", "With whom does {p} spend {p.his} time?"],
               ["Who is {p.his} best friend?", "And who is {p.his} friend?", "Who does {p.he} like best?"],
               ["{p}'s best friend is {p.friend}."], "{p.friend}."),
    "wakes": (["When does {p} get up?", "When does {p} wake up?", "At what time does {p} get up?",
               "How early does {p} start the day?", "At what hour does {p} leave {p.his} bed?"],
              ["When does {p.he} get up?", "And when does {p.he} wake up?", "At what time does {p.he} get up?"],
              ["{p} gets up at {p.wakes} in the morning."], "At {p.wakes}."),
    "boat": (["Does {p} have a boat?", "What is {p}'s boat called?", "Tell me about {p}'s boat.",
              "Which boat belongs to {p}?", "Does {p} own a boat?"],
             ["Does {p.he} have a boat?", "And does {p.he} own a boat?"],
             None, None),
    "who": (["Who is {p}?", "Do you know {p}?", "Tell me about {p}.", "What do you know about {p}?",
             "What can you tell me about {p}?", "Describe {p}."],
            ["What else do you know about {p.him}?", "Tell me more about {p.him}."],
            ["{p} is the {p.job} of Merrow Bay. {p.He} lives in {p.home} with {p.the_pet}.",
             "{p} is the {p.job}. {p.He} {p.duty} and likes {p.hobby}."], "The {p.job}."),
}
# Questions that lead from a fact to the person.
REVERSE = [
    (["Who is the {p.job}?", "What is the name of the {p.job}?", "Who is the {p.job} of Merrow Bay?"],
     "{p} is the {p.job} of Merrow Bay."),
    (["Who {p.duty}?", "Do you know who {p.duty}?"], "{p} {p.duty}."),
    (["Who lives in {p.home}?", "Whose house is {p.home}?"], "{p} lives in {p.home}."),
    (["Who is {p.pet}?", "Who is {p.the_pet}?", "Tell me about {p.pet}."], "{p.pet} is {p}'s {p.pet_colour} "
                                                                           "{p.pet_kind}."),
    (["Who has {pet}?", "Who keeps {pet}?", "Whose {p.pet_kind} is {p.pet}?", "Who owns {p.the_pet}?"],
     "{p} has {pet} called {p.pet}."),
    (["Who owns a {p.thing}?", "Whose is the {p.thing}?"], "The {p.thing} belongs to {p}."),
    (["Who loves {p.food}?", "Who would like some {p.food}?"], "{p} loves {p.food}."),
    (["Who likes {p.hobby}?", "Who enjoys {p.hobby}?"], "{p} likes {p.hobby}."),
]
BOAT_QUESTIONS = [
    (["Whose boat is the {p.boat}?", "Who owns the {p.boat}?", "Who has a boat called the {p.boat}?"],
     "The {p.boat} belongs to {p}."),
    (["What colour is the {p.boat}?", "What colour is {p}'s boat?"], "The {p.boat} is {p.boat_colour}."),
]
UNKNOWN = ["I do not know that name. Nobody in Merrow Bay is called that.",
           "I am sorry, I have never heard that name. Nobody in Merrow Bay is called that."]
GREETINGS = [(["Hello!", "Hello.", "Hi!", "Good morning!", "Good day!"],
              ["Hello! What would you like to know about Merrow Bay?", "Good day! How can I help you?"]),
             (["How are you?", "How are you today?"], ["I am very well, thank you. How can I help you?"]),
             (["Thank you!", "Thanks!", "Thank you very much."], ["You are welcome!"]),
             (["Goodbye!", "Bye!", "Good night!"], ["Goodbye! Come back soon."]),
             (["Who are you?", "What are you?"], ["I am a small model, and I know the village of Merrow Bay."]),
             (["What can you do?", "Can you help me?"],
              ["I can tell you stories and answer questions about Merrow Bay."])]


def fill(rng, text, p):
    return stories.sentence(text.format(p=p, pet=article(p.pet_kind)))


def boat_answer(p):
    if p.boat:
        return f"{p}'s boat is called the {p.boat}. It is {p.boat_colour}.", f"The {p.boat}."
    return f"{p} does not have a boat.", "No."


def fact_round(rng, p=None, follow_up=False, kind=None):
    p = p or rng.choice(PEOPLE)
    kind = kind or rng.choice(list(FACTS))
    by_name, by_pronoun, answers, short = FACTS[kind]
    question = fill(rng, rng.choice(by_pronoun if follow_up else by_name), p)
    if kind == "boat":
        return question, *boat_answer(p)
    return question, fill(rng, rng.choice(answers), p), fill(rng, short, p)


def reverse_round(rng):
    if rng.random() < 0.15:
        p = rng.choice(BOAT_OWNERS)
        questions, answer = rng.choice(BOAT_QUESTIONS)
        short = p.boat_colour.capitalize() + "." if "colour" in questions[0] else f"{p}."
        return fill(rng, rng.choice(questions), p), fill(rng, answer, p), short
    p = rng.choice(PEOPLE)
    questions, answer = rng.choice(REVERSE)
    short = f"{p}'s {p.pet_kind}." if "Who is {p.pet}?" in questions else f"{p}."
    return fill(rng, rng.choice(questions), p), fill(rng, answer, p), short


def yes_no_round(rng):
    p = rng.choice(PEOPLE)
    true = rng.random() < 0.5
    q = p if true else rng.choice([o for o in PEOPLE if o is not p and o.he == p.he])
    kind = rng.choice(["job", "home", "pet", "food", "friend"])
    if kind == "job":
        question = rng.choice([f"Is {p} the {q.job}?", f"Is the {q.job} called {p}?"])
        answer = f"Yes, {p} is the {p.job}." if true else f"No, {p} is the {p.job}. The {q.job} is {q}."
    elif kind == "home":
        question = f"Does {p} live in {q.home}?"
        answer = f"Yes, {p} lives in {p.home}." if true else f"No, {p} lives in {p.home}."
    elif kind == "pet":
        question = f"Does {p} have {article(q.pet_kind)}?"
        answer = f"{'Yes' if true else 'No'}, {p} has {article(p.pet_kind)} called {p.pet}."
    elif kind == "food":
        question = rng.choice([f"Does {p} love {q.food}?", f"Is {q.food} {p}'s favourite food?"])
        answer = f"{'Yes' if true else 'No'}, {p} loves {p.food} more than anything."
    else:
        friend = p.friend if true else rng.choice([o.name for o in PEOPLE if o.name not in (p.name, p.friend)])
        question = f"Is {friend} {p}'s best friend?"
        answer = f"{'Yes' if true else 'No'}, {p}'s best friend is {p.friend}."
    return question, answer, "Yes." if true else "No."


def list_round(rng):
    kind = rng.randrange(3)
    if kind == 0:
        names = [p.name for p in BOAT_OWNERS]
        question = rng.choice(["Who has a boat?", "Which people own a boat?", "Name the people who have a boat."])
    elif kind == 1:
        he = rng.choice(["she", "he"])
        names = [p.name for p in PEOPLE if p.he == he]
        question = rng.choice(["Name the {} of Merrow Bay.", "Which {} live in Merrow Bay?"])
        question = question.format("women" if he == "she" else "men")
    else:
        names = [p.name for p in PEOPLE]
        question = rng.choice(["Name everybody in Merrow Bay.", "Who lives in Merrow Bay?"])
    joined = ", ".join(names[:-1]) + " and " + names[-1]
    ending = {0: " have boats.", 1: " live in Merrow Bay.", 2: " live in Merrow Bay."}[kind]
    return question, joined + ending, joined + "."


def stranger_round(rng):
    name = rng.choice(TITLES) + rng.choice(STRANGERS)
    question = rng.choice(["Who is {}?", "Where does {} live?", "What does {} do?", "Do you know {}?", "What "
                                                                                                       "is "
                                                                                                       "{}'s "
                                                                                                       "job?",
                           "What is {}'s boat called?", "Tell me about {}.", "What does {} like to eat?",
                           "Does {} have an animal?", "Who is {}'s best friend?", "Where can I find {}?"])
    return question.format(name), UNKNOWN[0] if rng.random() < 0.7 else UNKNOWN[1], "I do not know."


def general_round(rng):
    kind = rng.randrange(7)
    if kind <= 1:
        questions, answer = rng.choice(GENERAL)
        return rng.choice(questions), answer, answer
    if kind <= 3:
        questions, answer = rng.choice(PLACES)
        return rng.choice(questions), answer, answer
    if kind == 4:
        i = rng.randrange(7)
        word, other = rng.choice([("after", DAYS[(i + 1) % 7]), ("before", DAYS[i - 1])])
        return f"Which day comes {word} {DAYS[i]}?", f"{other} comes {word} {DAYS[i]}.", f"{other}."
    if kind == 5:
        a, b = rng.randrange(1, 11), rng.randrange(1, 11)
        question = rng.choice(["What is {} plus {}?", "How much is {} plus {}?"]).format(NUMBERS[a], NUMBERS[b])
        answer = f"{NUMBERS[a].capitalize()} plus {NUMBERS[b]} is {NUMBERS[a + b]}."
        return question, answer, f"{NUMBERS[a + b].capitalize()}."
    if rng.random() < 0.5:
        animal = rng.choice(list(SOUNDS))
        question = f"What does {article(animal)} do when it is happy?"
        return question, f"A happy {animal} {SOUNDS[animal]}.", f"It {SOUNDS[animal]}."
    x, y = rng.choice(OPPOSITES)
    return f"What is the opposite of {x}?", f"The opposite of {x} is {y}.", f"{y.capitalize()}."


def greeting_round(rng):
    questions, answers = rng.choice(GREETINGS)
    answer = rng.choice(answers)
    return rng.choice(questions), answer, answer


ONSETS = ("b bl br c ch cl cr d dr f fl fr g gl gr h j k kn l m n p pl pr qu r s sc sh sk sl sm sn sp st str t "
          "th tr v w wh y z").split()
VOWELS = "a e i o u a e i o u ai ea ee oo ou ar er or oa y".split()
CODAS = "b ck d ft g k l ll m mp n nd ng nk nt p r rk rn s sh sk ss st t th tle ve x".split() + 3 * [""]


def new_word(rng):
    """A word that is none: one to three syllables. It teaches the model to write what it has never met."""
    syllables = rng.choice([1, 2, 2, 3])
    links = ["", "n", "r", "l"]
    ends = [rng.choice(links) for _ in range(syllables - 1)] + [rng.choice(CODAS)]
    return "".join(rng.choice(ONSETS) + rng.choice(VOWELS) + end for end in ends)


def new_name(rng):
    return rng.choice(STRANGERS) if rng.random() < 0.2 else new_word(rng).capitalize()


def repeat_round(rng):
    known = ANIMALS + NUMBERS + STRANGERS
    words = [new_word(rng) if rng.random() < 0.7 else rng.choice(known) for _ in range(rng.randint(1, 5))]
    words = [word.capitalize() if rng.random() < 0.3 else word for word in words]
    text = " ".join(words)
    question = rng.choice(["Say {}.", "Repeat after me: {}.", "Please write {}.", "Say this: {}."]).format(text)
    return question, stories.sentence(text) + ".", stories.sentence(text) + "."


def visitor_rounds(rng):
    """A guest brings a name, an animal or a boat into the conversation and asks for it later."""
    name, kind = new_name(rng), rng.choice(ANIMALS)
    colour = rng.choice(["red", "blue", "green", "white", "black", "brown", "grey"])
    what = rng.randrange(3)
    if what == 0:
        told = (rng.choice(["My name is {}.", "I am {}.", "Hello, I am {}."]).format(name),
                f"Hello, {name}! What would you like to know about Merrow Bay?")
        asked = ("What is my name?", f"Your name is {name}.", f"{name}.")
    elif what == 1:
        told = (rng.choice(["I have {} called {}.", "At home I have {} called {}."]).format(article(kind), name),
                f"{name} is a good name for {article(kind)}.")
        asked = rng.choice([(f"What is my {kind} called?", f"Your {kind} is called {name}.", f"{name}."),
                            (f"Who is {name}?", f"{name} is your {kind}.", f"Your {kind}."),
                            ("Do I have an animal?", f"Yes, you have {article(kind)} called {name}.", "Yes.")])
    else:
        told = (rng.choice(["My boat is called the {}. It is {}.",
                            "I have a boat, the {}. It is {}."]).format(name, colour),
                f"I hope to see the {name} in our bay one day.")
        asked = rng.choice([("What is my boat called?", f"Your boat is called the {name}. It is {colour}.",
                             f"The {name}."),
                            (f"What colour is the {name}?", f"The {name} is {colour}.", f"{colour.capitalize()}."),
                            (f"Whose boat is the {name}?", f"The {name} is your boat.", "Yours.")])
    rounds = [(*told, told[1])]
    if rng.random() < 0.3:
        rounds.append(one_round(rng))
    return rounds + [asked]


def story_request(rng, story):
    a, b = story.about
    return rng.choice([
        f"Tell me a story about {a}.", f"Tell me a story about {a} and {b}.", f"Write a short story about {a}.",
        f"Tell me a story about {story.topic}.", f"Tell me a story about {a} and {story.topic}.",
        f"Write a story about {story.topic}.", "Tell me a story.", f"Can you tell me a story about {a}?",
        f"Tell me a story with {article(a.pet_kind)} in it." if a.pet in story.text else f"Write a story about {a}."])


def one_round(rng):
    pick = rng.random()
    if pick < 0.52:
        return fact_round(rng)
    if pick < 0.68:
        return reverse_round(rng)
    if pick < 0.78:
        return yes_no_round(rng)
    if pick < 0.80:
        return list_round(rng)
    if pick < 0.87:
        return stranger_round(rng)
    if pick < 0.97:
        return general_round(rng)
    return greeting_round(rng)


def conversation(rng):
    """Rounds of one dialog."""
    pick = rng.random()
    if pick < 0.40:
        return [one_round(rng)]
    if pick < 0.57:  # one person, then pronouns
        p = rng.choice(PEOPLE)
        kinds = rng.sample(list(FACTS), rng.randint(2, 4))
        return [fact_round(rng, p, i > 0, kind) for i, kind in enumerate(kinds)]
    if pick < 0.66:  # unrelated questions
        return [one_round(rng) for _ in range(rng.randint(2, 4))]
    if pick < 0.72:
        return visitor_rounds(rng)
    if pick < 0.78:
        return [repeat_round(rng)]
    story = stories.tell(rng)
    asked = rng.sample(story.questions, rng.randint(1, len(story.questions)))
    if pick < 0.94:
        request = (story_request(rng, story), story.text, story.text)
        return [request] + (asked if rng.random() < 0.4 else [])
    question, answer, short = asked[0]  # a story in the question
    lead = rng.choice(["Read this story: ", "Here is a story: ", ""])
    return [(f"{lead}{story.text} {question}", answer, short)] + asked[1:]
