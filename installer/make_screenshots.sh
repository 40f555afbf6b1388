#!/bin/bash
# Pictures of every page from the real program: in both languages and themes, in two sizes.
# Usage: installer/make_screenshots.sh [--language LIST] [--theme LIST] [--size LIST] [--scale LIST] OUT_DIR [RUN_DIR]
# Without RUN_DIR the demo is trained first, which takes about a minute. BIN names the folder of the programs
# (default: build/release/bin). Lists are quoted words; the defaults: --language "en zh_CN" --theme "light dark"
# --size "1280x800 1024x700" --scale 1. OUT_DIR gets PAGE-LANGUAGE-THEME-SIZE.png, with -200 behind it at scale 2.
set -eu
usage() {
  sed -n '2,6s/^# //p' "$0" >&2
  exit 2
}
languages="en zh_CN" themes="light dark" sizes="1280x800 1024x700" scales=1
while [ $# -gt 0 ]; do
  case $1 in
    --language) languages=${2:?$1: a list is missing} ;;
    --theme) themes=${2:?$1: a list is missing} ;;
    --size) sizes=${2:?$1: a list is missing} ;;
    --scale) scales=${2:?$1: a list is missing} ;;
    -*) usage ;;
    *) break ;;
  esac
  shift 2
done
case $# in 1 | 2) ;; *) usage ;; esac
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

# picture NAME OPTION...: NAME in the language, theme, size and scale of now.
picture() {
  local file=$out/$1-$language-$theme-$size
  [ "$scale" = 1 ] || file=$file-${scale}00
  file=$file.png
  shift
  QT_SCALE_FACTOR=$scale "$bin/vernier" "$@" --language "$language" --theme "$theme" --size "$size" --screenshot "$file"
  echo "$file"
}

for scale in $scales; do
  for language in $languages; do
    for theme in $themes; do
      for size in $sizes; do
        for page in start setup run compare lessons; do
          picture "$page" --open "$run" --page "$page"
        done
        # Of the run's tabs those that show something by themselves, and the dialogs.
        for tab in 1 4 5; do
          picture "run-$tab" --open "$run" --tab "$tab"
        done
        for action in palette shortcuts exportRun; do
          picture "$action" --open "$run" --page run --action "$action"
        done
        for view in logits lens balance beforeAfter parity packing; do
          picture "inspect-$view" --open "$run" --view "$view"
        done
        for step in 1 2 3 4 5; do
          picture "setup-$step" --set-up "$root/resources/demo/lora/run.json" --step "$step"
        done
      done
    done
  done
done
