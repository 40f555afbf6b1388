#!/bin/bash
# tests/gpu/run_all.sh [--only PART,...] [--minutes N] BUILD_DIR [OUT_DIR]
#
# All that needs a GPU, in one call on a machine with one. Builds nothing: BUILD_DIR is a build of this tree with CUDA and
# -DVERNIER_BUILD_BENCH=ON. Prints a line a check and keeps what each printed, and the lines in summary.txt, in OUT_DIR
# (BUILD_DIR/gpu). Parts, the shortest first, so that a call that ends early has most of them:
#   tests       the test programs labelled gpu, and a run that loses its GPU in the middle and is resumed
#   bench       figures for tests/bench/RESULTS.md; shapes that do not fit are skipped
#   memcheck    compute-sanitizer over the operations' tests, in shards of their own time
#   racecheck   the same for races in shared memory
# Nothing starts once N minutes are over (60); each check has a limit of its own besides. Exit status: 0 all that ran was
# good, 1 something failed or took too long, 2 wrong usage or no GPU.
set -u
usage() {
  sed -n '2,14s/^# \{0,1\}//p' "$0" >&2
  exit 2
}

only=tests,bench,memcheck,racecheck
minutes=60
while [[ ${1:-} == --* ]]; do
  [[ $# -ge 2 ]] || usage
  case $1 in
    --only) only=$2 ;;
    --minutes) minutes=$2 ;;
    *) usage ;;
  esac
  shift 2
done
[[ $# -ge 1 && $# -le 2 && -d $1/bin && $minutes =~ ^[0-9]+$ ]] || usage
for part in ${only//,/ }; do [[ ,tests,bench,memcheck,racecheck, == *,$part,* ]] || usage; done

source=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
bin=$(cd "$1/bin" && pwd)
out=${2:-$1/gpu}
mkdir -p "$out" && out=$(cd "$out" && pwd) || exit 2
: >"$out/summary.txt"
failed=0

say() { # state check words...
  printf '%-5s %-34s %s\n' "$1" "$2" "${*:3}" | tee -a "$out/summary.txt"
  [[ $1 != FAIL && $1 != SLOW ]] || failed=1
}
wanted() { [[ ,$only, == *,$1,* ]]; }

# check LIMIT_SECONDS NAME COMMAND...: runs it into OUT_DIR/NAME.log and sets status and seconds; false where nothing ran.
check() {
  local limit=$1 began=$SECONDS
  name=$2
  if ((SECONDS >= 60 * minutes)); then
    say skip "$name" "$minutes minutes are over"
    return 1
  fi
  timeout --kill-after=10 "$limit" "${@:3}" >"$out/$name.log" 2>&1
  status=$?
  seconds=$((SECONDS - began))
}
# Where a check has taken too long, or its program could not be started.
ended_early() {
  case $status in
    124 | 137) say SLOW "$name" "stopped after $seconds s; what it printed: $name.log" ;;
    126 | 127) say FAIL "$name" "cannot be started: $name.log" ;;
    *) return 1 ;;
  esac
}

tests() { # LIMIT_SECONDS NAME PROGRAM...
  check "$@" || return
  ended_early && return
  local passed skipped broken
  passed=$(sed -n 's/^\[  PASSED  \] \([0-9]*\) test.*/\1/p' "$out/$name.log")
  skipped=$(sed -n 's/^\[  SKIPPED \] \([0-9]*\) test.*/\1/p' "$out/$name.log")
  broken=$(sed -n 's/^\[  FAILED  \] \([0-9]*\) test.*/\1/p' "$out/$name.log")
  local words="${passed:-0} passed, ${skipped:-0} skipped, ${broken:-0} failed, $seconds s"
  if [[ $status != 0 ]]; then
    say FAIL "$name" "$words: $name.log"
  elif [[ ${passed:-0} == 0 ]]; then
    say FAIL "$name" "$words: nothing ran"
  else
    say ok "$name" "$words"
  fi
}

# A run of the bundled model whose device breaks on purpose: one sentence, and a new program goes on to the end.
lost_gpu() {
  local lost=$out/lost-gpu demo=$source/resources/demo sentence
  rm -rf "$lost" && mkdir "$lost"
  sed "s#\"../model\"#\"$demo/model\"#; s#\"path\": \"#&$demo/lora/#; s#\"seed\": 42,#& \"save_steps\": 5,#" \
    "$demo/lora/run.json" >"$lost/run.json"
  check 120 lost-gpu env VERNIER_TEST_CUDA_FAULT=6000 \
    "$bin/vernier-cli" train --config "$lost/run.json" --out "$lost/run" --device cuda || return
  ended_early && return
  sentence=$(tail -1 "$out/$name.log")
  if [[ $status != 1 || $sentence != *'The GPU is lost to this program: restart it.'* ]]; then
    say FAIL "$name" "status $status, expected 1 and that the GPU is lost: $name.log"
    return
  fi
  check 120 lost-gpu-resumed "$bin/vernier-cli" train --resume "$lost/run" --device cuda || return
  ended_early && return
  if [[ $status == 0 ]]; then
    say ok lost-gpu "said so; resumed, the run went on to its end in $seconds s"
    rm -rf "$lost"
  else
    say FAIL "$name" "status $status: $name.log"
  fi
}

bench() { # LIMIT_SECONDS NAME PATTERN_OF_THE_LINES COMMAND...
  local pattern=$3
  check "$1" "$2" "${@:4}" || return
  ended_early && return
  if [[ $status == 0 ]]; then
    say ok "$name" "$(grep -E "$pattern" "$out/$name.log" | head -3 | paste -sd ';' | cut -c1-300)"
  elif grep -q 'which are free\|that are free' "$out/$name.log"; then
    say skip "$name" "does not fit: $(tail -1 "$out/$name.log" | cut -c1-200)"
  else
    say FAIL "$name" "status $status: $name.log"
  fi
}

# The program's tests under a tool of compute-sanitizer, in shards. Left out: one asks for memory that nobody has, the
# others lose the device on purpose.
sanitize() { # TOOL PROGRAM SHARDS LIMIT_SECONDS
  local shard
  for ((shard = 0; shard < $3; ++shard)); do
    check "$4" "$1-$2-$shard" env GTEST_TOTAL_SHARDS="$3" GTEST_SHARD_INDEX="$shard" \
      "$sanitizer" --tool "$1" --error-exitcode 99 "$bin/$2" \
      --gtest_filter=-'*MemoryIsCountedAndItsEndIsTold*:CudaFault.*' || return
    ended_early && continue
    local sum
    sum=$(grep -E 'ERROR SUMMARY|RACECHECK SUMMARY' "$out/$name.log" | tail -1 | sed 's/=* *//')
    if [[ $status == 0 && -n $sum ]]; then
      say ok "$name" "$sum, $seconds s"
    else
      say FAIL "$name" "${sum:-no summary}, status $status: $name.log"
    fi
  done
}

if ! command -v nvidia-smi >/dev/null || ! nvidia-smi -L >"$out/gpu.log" 2>&1; then
  say FAIL gpu "no NVIDIA GPU or driver was found"
  exit 2
fi
say ok gpu "$(nvidia-smi --query-gpu=name,driver_version,memory.total,memory.used --format=csv,noheader | head -1)"
say ok tree "commit $(git -C "$source" rev-parse --short HEAD 2>/dev/null || echo unknown), $(nproc) processors"

if wanted tests; then
  # All that tests/*/CMakeLists.txt label so.
  mapfile -t programs < <(
    sed -n 's/^ *vernier_add_test(\([a-z0-9_]*\) .*LABELS gpu.*/\1/p' "$source"/tests/*/CMakeLists.txt)
  for program in "${programs[@]}"; do
    tests 600 "$program" "$bin/$program"
  done
  lost_gpu
fi

if wanted bench; then
  cli=$bin/vernier-cli
  bench 120 stories-15m 'tokens/s' "$cli" bench --shape stories-15m --device cuda --steps 200
  bench 120 llama-110m 'tokens/s' "$cli" bench --shape llama-110m --device cuda --steps 200
  bench 120 llama-1b 'tokens/s' "$cli" bench --shape llama-3.2-1b --device cuda --steps 20
  bench 240 llama-1b-captures 'tokens/s' "$cli" bench --shape llama-3.2-1b --device cuda --captures "$out/captures"
  if command -v python3 >/dev/null; then
    bench 400 train-captures 'ms a step|losses' python3 "$source/tests/bench/train_captures.py" "$cli"
  else
    say skip train-captures "needs python3"
  fi
  bench 120 decode-1b 'tokens/s|of it' "$bin/decode_bench" llama-3.2-1b cuda
  bench 200 decode-8b 'tokens/s|of it' "$bin/decode_bench" llama-3.1-8b cuda
  for recompute in none mlp layer; do
    bench 200 "llama-8b-$recompute" 'tokens/s' "$cli" bench --shape llama-3.1-8b --device cuda --recompute $recompute
  done
  bench 200 llama-8b-in-20-GiB 'tokens/s' \
    "$cli" bench --shape llama-3.1-8b --device cuda --steps 15 --recompute auto --memory-limit 20
  bench 200 llama-8b-nf4 'tokens/s' \
    "$cli" bench --shape llama-3.1-8b --device cuda --batch 1 --length 4096 --quantization nf4 --recompute layer
  bench 300 cuda-ops 'GB/s|TFLOP' "$bin/cuda_ops_bench"
  bench 300 cuda-attention 'TFLOP|ms' "$bin/cuda_attention_bench"
fi

if wanted memcheck || wanted racecheck; then
  sanitizer=$(command -v compute-sanitizer)
  for folder in "${CUDA_HOME:-/usr/local/cuda}"/{bin,compute-sanitizer} /usr/lib/nvidia-cuda-toolkit/compute-sanitizer; do
    [[ -n $sanitizer || ! -x $folder/compute-sanitizer ]] || sanitizer=$folder/compute-sanitizer
  done
  for tool in memcheck racecheck; do
    wanted $tool || continue
    if [[ -z $sanitizer ]]; then
      say skip $tool "compute-sanitizer is not installed (CUDA's toolkit has it)"
      continue
    fi
    sanitize $tool cuda_attention_test 4 300
    sanitize $tool cuda_ops_test 12 300
  done
fi
exit $failed
