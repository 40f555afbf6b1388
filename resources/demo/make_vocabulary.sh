#!/bin/sh
# Trains the bundled model's vocabulary: SentencePiece BPE with byte fallback, 1536 pieces.
#     make_vocabulary.sh CORPUS_DIR MODEL_DIR
# CORPUS_DIR holds train.jsonl of make_corpus.py; MODEL_DIR gets tokenizer.model. Needs spm_train (Debian: sentencepiece).
# No dummy prefix and no normalisation: text, ids and text again are the same characters, and nothing depends on whether a
# special token stands before a word. Every printable ASCII character has a piece of its own, all else falls back to bytes.
set -eu
corpus=$1
mkdir -p "$2"
model=$(cd "$2" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 - "$corpus/train.jsonl" >"$work/text" <<'PY'
import json, re, sys
for line in open(sys.argv[1], encoding="utf-8"):
    for text in re.split(r"<\|\w+\|>", json.loads(line)["text"]):  # without the words of the chat format
        if text:
            print(text)
print(" ".join(map(chr, range(33, 127))))  # a piece for every printable ASCII character
PY
cd "$work" # the model records these names, so they are relative
spm_train --input=text --model_prefix=tokenizer --model_type=bpe --vocab_size=1536 --num_threads=1 \
  --byte_fallback=true --character_coverage=1.0 --split_digits=true --add_dummy_prefix=false \
  --remove_extra_whitespaces=false --normalization_rule_name=identity --max_sentence_length=16384 \
  --eos_piece='<|end|>' --control_symbols='<|system|>,<|user|>,<|assistant|>' --minloglevel=1
cp "$work/tokenizer.model" "$model/tokenizer.model"
