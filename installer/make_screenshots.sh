#!/bin/bash
# Pictures of every page from the real program: light and dark, at 100 % and at 200 %.
# Usage: installer/make_screenshots.sh OUT_DIR [RUN_DIR]
# Without RUN_DIR the demo is trained first, which takes about a minute. BIN names the folder of the programs
# (default: build/release/bin).
set -eu
[ $# -ge 1 ] || { sed -n '2,5s/^# //p' "$0" >&2; exit 2; }
root=$(cd "$(dirname "$0")/.." && pwd)
bin=${BIN:-$root/build/release/bin}
out=$1
mkdir -p "$out"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# The list of recent runs shows what lies in here, not what this user has.
export XDG_DATA_HOME=$work/data QT_QPA_PLATFORM=offscreen
export XDG_RUNTIME_DIR=$work
runs=$XDG_DATA_HOME/vernier/runs
mkdir -p "$runs"
if [ $# -ge 2 ]; then
  cp -r "$2" "$runs/"
  run=$runs/$(basename "$2")
else
  run=$runs/demo
  "$bin/vernier-cli" demo --out "$run"
fi
for scale in 1 2; do
  for theme in light dark; do
    for page in start setup run inspect lessons; do
      picture=$out/$page-$theme$([ "$scale" = 1 ] || echo "-200").png
      QT_SCALE_FACTOR=$scale "$bin/vernier" --open "$run" --screenshot "$picture" --page "$page" --theme "$theme" \
        --size 1280x800
      echo "$picture"
    done
    for step in 1 2 3 4 5; do
      picture=$out/setup-$step-$theme$([ "$scale" = 1 ] || echo "-200").png
      QT_SCALE_FACTOR=$scale "$bin/vernier" --set-up "$root/resources/demo/lora/run.json" --step "$step" \
        --screenshot "$picture" --theme "$theme" --size 1280x800
      echo "$picture"
    done
  done
done
