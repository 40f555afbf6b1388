#!/bin/bash
# tests/bench/token_cache.sh VERNIER_CLI MODEL [ROWS]: makes a data file of so many rows of about 200 tokens (of the
# bundled model's tokenizer) and reads it twice, into a token cache and from it, and then starts a run on it. Prints
# seconds and resident memory of each. Works in a new folder under TMPDIR and removes it.
set -euo pipefail
cli=${1:?usage: tests/bench/token_cache.sh VERNIER_CLI MODEL [ROWS]}
model=$(realpath "${2:?usage: tests/bench/token_cache.sh VERNIER_CLI MODEL [ROWS]}")
rows=${3:-1000000}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export VERNIER_CACHE_DIR=$work/cache

awk -v rows="$rows" 'BEGIN {
  srand(7)
  n = split("the captain has a parrot and an old boat that leaks in the rain while Nell bakes bread for all of them", w, " ")
  for (r = 0; r < rows; ++r) {
    text = ""
    for (i = 0; i < 150; ++i) text = text w[int(rand() * n) + 1] " "
    printf "{\"text\": \"%s%d\"}\n", text, r
  }
}' >"$work/rows.jsonl"
printf '{"model_name_or_path": "%s", "dataset": {"path": "rows.jsonl"}, "max_steps": 1, "save_steps": 0,
  "per_device_train_batch_size": 2, "lora": {"r": 2}}\n' "$model" >"$work/run.json"
ls -l --block-size=M "$work/rows.jsonl" | awk '{print "data file: " $5}'
measure() {
  local name=$1
  shift
  /usr/bin/time -f "$name: %e s (%U + %S s of processor time), %M KiB resident" "$@" 2>"$work/err" >"$work/out" || { cat "$work/err"; exit 1; }
  tail -1 "$work/err"
}
measure "first reading" "$cli" data --model "$model" --data "$work/rows.jsonl" --json
grep -o '"tokens":[0-9]*' "$work/out"
ls -l --block-size=M "$work/cache/tokens" | awk 'NR > 1 {print "cache: " $5}'
measure "second reading" "$cli" data --model "$model" --data "$work/rows.jsonl" --json
measure "a run of one step" "$cli" train --config "$work/run.json" --out "$work/run" --json
