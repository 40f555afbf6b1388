#!/bin/sh
# Makes the bundled model from nothing: corpus, vocabulary, training.
#     make_model.sh VERNIER_CLI WORK_DIR
# Writes into WORK_DIR, which must not exist, and leaves the finished folder as WORK_DIR/run/model. Training takes about
# 25 million tokens: ten minutes on sixteen cores, an hour and a half on two. Needs python3 and spm_train (Debian:
# sentencepiece). Killed while it trains, it goes on with: VERNIER_CLI train --resume WORK_DIR/run
set -eu
cli=$(realpath "$1")
here=$(cd "$(dirname "$0")" && pwd)
mkdir "$2"
cd "$2"
mkdir model
cp "$here"/model/*.json model/
python3 -B "$here/make_corpus.py" corpus
sh "$here/make_vocabulary.sh" corpus model
cp "$here/train.json" run.json
"$cli" train --config run.json --out run
