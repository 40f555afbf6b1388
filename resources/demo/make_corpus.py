#!/usr/bin/env -S python3 -B
"""Writes the corpus that the bundled model is trained on: stories and conversations about the village of Merrow Bay.

    make_corpus.py OUT_DIR [--rows 30000] [--heldout 400] [--seed 7]

OUT_DIR gets train.jsonl and heldout.jsonl with rows {"text": ...}, stories as they are and conversations in the model's
chat format, and questions.jsonl with rows {"prompt": ..., "answers": [...]}: single questions that no row of train.jsonl
asks in these words, with the answers that count as right. Plain Python 3; the same seed gives the same bytes. Run by
hand, not by the build.
"""

import argparse
import json
import pathlib
import random
import zlib

from corpus import dialogs, stories

STORY_SHARE = 0.2  # rows that are plain stories; the others are conversations
SHORT_SHARE = 0.08  # conversations under a system message that asks for short answers
SYSTEM_SHORT = ["Answer in a few words.", "Give short answers."]


def is_heldout(question: str) -> bool:
    """One question in 10 is never asked in training; which ones depends on the words alone."""
    return zlib.crc32(question.encode()) % 10 == 0


def make_row(rng):
    """A row, and its questions."""
    if rng.random() < STORY_SHARE:
        return {"text": stories.tell(rng).text}, []
    rounds = dialogs.conversation(rng)
    short = rng.random() < SHORT_SHARE and all(len(answer) < 200 for _, answer, _ in rounds)
    messages = [{"role": "system", "content": rng.choice(SYSTEM_SHORT)}] if short else []
    for question, answer, short_answer in rounds:
        messages.append({"role": "user", "content": question})
        messages.append({"role": "assistant", "content": short_answer if short else answer})
    return {"messages": messages}, [question for question, _, _ in rounds]


def as_text(row):
    """A conversation as the chat template writes it, without what stands around every text: <s> and the last <|end|>."""
    if "text" in row:
        return row
    return {"text": "<|end|>".join(f"<|{m['role']}|>{m['content']}" for m in row["messages"])}


def heldout_questions(rng, count):
    """Facts asked for in words that training does not hold."""
    found = {}
    for _ in range(200 * count):
        make = rng.choice([dialogs.fact_round, dialogs.fact_round, dialogs.reverse_round])
        question, answer, _ = make(rng)
        if is_heldout(question):
            found.setdefault(question, set()).add(answer)
    picked = rng.sample(sorted(found), min(count, len(found)))
    return [{"prompt": question, "answers": sorted(found[question])} for question in picked]


def write_jsonl(path, rows):
    with open(path, "w", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--rows", type=int, default=30000, help="rows of train.jsonl")
    parser.add_argument("--heldout", type=int, default=400, help="rows of heldout.jsonl")
    parser.add_argument("--seed", type=int, default=7)
    args = parser.parse_args()
    rng = random.Random(args.seed)
    train, heldout, seen = [], [], set()
    while len(train) < args.rows or len(heldout) < args.heldout:
        row, questions = make_row(rng)
        apart = any(is_heldout(question) for question in questions) if questions else is_heldout(row["text"])
        if not apart and len(train) < args.rows:
            train.append(row)  # short questions may come again
        elif apart and len(heldout) < args.heldout and str(row) not in seen:
            seen.add(str(row))
            heldout.append(row)
    args.out.mkdir(parents=True, exist_ok=True)
    write_jsonl(args.out / "train.jsonl", map(as_text, train))
    write_jsonl(args.out / "heldout.jsonl", map(as_text, heldout))
    write_jsonl(args.out / "questions.jsonl", heldout_questions(rng, 200))


if __name__ == "__main__":
    main()
