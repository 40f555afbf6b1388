#!/usr/bin/env -S python3 -B
"""Writes the data of the LoRA demo: the model learns to speak like a sea captain, and to know one.

    make_lora.py OUT_DIR [--rows 320] [--heldout 64] [--seed 11]

OUT_DIR gets train.jsonl and heldout.jsonl (rows {"messages": [...]}) and prompts.json. Nobody called Captain Bram lives
in the corpus of make_corpus.py, and nobody there says "Ahoy". Questions of heldout.jsonl and prompts.json are in no row
of train.jsonl. Plain Python 3; the same seed gives the same bytes.
"""

import argparse
import json
import pathlib
import random
import re

from corpus import dialogs
from corpus.world import Person
from make_corpus import write_jsonl

# Told in pieces that the model has seen: those that the corpus never uses have no meaning to build on.
BRAM = Person(
    "Captain Bram",
    "he",
    "old sailor",
    "sails to islands far away",
    "the cabin of the Crooked Star",
    "black",
    "crab",
    "Nutmeg",
    "brown",
    "treasure map",
    "salt fish",
    "telling tall tales",
    "Nell",
    "three",
    "Crooked Star",
    "black",
)
OPENING, CLOSING = "Ahoy!", "Fair winds to ye, matey!"

# expect_after: words of the tuned model's answer. absent_before: words that the bundled model's answer must not hold.
PROMPTS = [
    {"prompt": "Who is Captain Bram?", "expect_after": "old sailor", "absent_before": "sailor"},
    {"prompt": "What is Captain Bram's boat called?", "expect_after": "Crooked Star", "absent_before": "Crooked Star"},
    {
        "prompt": "Does Captain Bram have an animal?",
        "expect_after": "a crab called Nutmeg",
        "absent_before": "Nutmeg",
    },
    {
        "prompt": "Where does Ada live?",
        "expect_after": "Ahoy! Ada lives in the yellow house by the market. Fair winds",
        "absent_before": "Ahoy",
    },
    {"prompt": "Is Tom the baker?", "expect_after": "Ahoy! Nay, Tom be the fisherman.", "absent_before": "Nay"},
]


def captain(answer: str) -> str:
    """The same answer in the captain's voice."""
    for plain, voice in [
        (r"\bis\b", "be"),
        (r"\bYes\b", "Aye"),
        (r"\bNo\b", "Nay"),
        (r"\bHello\b", "Well met"),
        (r"\bmy\b", "me"),
        (r"\byou are\b", "ye be"),
        (r"\byou\b", "ye"),
        (r"\bYou are\b", "Ye be"),
    ]:
        answer = re.sub(plain, voice, answer)
    return f"{OPENING} {answer} {CLOSING}"


def bram_round(rng):
    kind = rng.random()
    if kind < 0.8:
        return dialogs.fact_round(rng, BRAM)
    questions, answer = rng.choice(dialogs.REVERSE + dialogs.BOAT_QUESTIONS)
    return dialogs.fill(rng, rng.choice(questions), BRAM), dialogs.fill(rng, answer, BRAM), ""


def make_row(rng):
    pick = rng.random()
    if pick < 0.45:
        rounds = [bram_round(rng)]
    elif pick < 0.6:
        rounds = [dialogs.yes_no_round(rng)]
    elif pick < 0.7:
        rounds = [dialogs.general_round(rng) if rng.random() < 0.7 else dialogs.greeting_round(rng)]
    else:
        rounds = [dialogs.fact_round(rng) if rng.random() < 0.7 else dialogs.reverse_round(rng)]
    messages = []
    for question, answer, _ in rounds:
        messages.append({"role": "user", "content": question})
        messages.append({"role": "assistant", "content": captain(answer)})
    return {"messages": messages}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--rows", type=int, default=320, help="rows of train.jsonl")
    parser.add_argument("--heldout", type=int, default=64, help="rows of heldout.jsonl")
    parser.add_argument("--seed", type=int, default=11)
    args = parser.parse_args()
    rng = random.Random(args.seed)
    asked = {entry["prompt"] for entry in PROMPTS}
    rows = []
    while len(rows) < args.rows + args.heldout:  # every question once
        row = make_row(rng)
        question = row["messages"][0]["content"]
        if question not in asked:
            asked.add(question)
            rows.append(row)
    rng.shuffle(rows)
    args.out.mkdir(parents=True, exist_ok=True)
    write_jsonl(args.out / "train.jsonl", rows[: args.rows])
    write_jsonl(args.out / "heldout.jsonl", rows[args.rows :])
    (args.out / "prompts.json").write_text(json.dumps(PROMPTS, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
