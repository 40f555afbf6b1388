#!/bin/bash
# Makes the Debian package of a build, installs it by dpkg into an empty root, starts what it installed, and takes it off
# again. Usage: package_test.sh BUILD_DIR CPACK. Exit status: 0 passed, 1 failed, 77 skipped.
set -u

build=$1
cpack=$2

skip() {
  echo "skipped: $*"
  exit 77
}
fail() {
  echo "FAILED: $*" >&2
  exit 1
}

for tool in dpkg dpkg-deb dpkg-query dpkg-shlibdeps file; do
  command -v "$tool" >/dev/null || skip "$tool is not installed; packages are made and tried on Debian only"
done
# dpkg gives what it installs to root, for which fakeroot is enough.
if [ "$(id -u)" -ne 0 ]; then
  command -v fakeroot >/dev/null || skip "got neither root nor fakeroot, one of which dpkg needs to install into a folder"
  [ -n "${FAKEROOTKEY:-}" ] || exec fakeroot "$0" "$@"
fi
[ -x "$build/bin/vernier" ] && [ -x "$build/bin/vernier-cli" ] || fail "$build/bin: the programs are not built"
if ldd "$build/bin/vernier-cli" | grep -q 'libasan\|libtsan'; then
  skip "an instrumented build is not what gets packaged"
fi

work=$(cd "$(mktemp -d)" && pwd -P)
trap 'rm -rf "$work"' EXIT
root=$work/root
mkdir "$root"

# What a user who keeps everything to himself would make has to be readable for all nevertheless.
(umask 077 && cd "$work" && "$cpack" --config "$build/CPackConfig.cmake" -G DEB -B "$work/made" >"$work/cpack.log" 2>&1) ||
  fail "cpack: $(tail -n 20 "$work/cpack.log")"
deb=$(echo "$work"/made/vernier_*.deb)
[ -f "$deb" ] || fail "cpack made no package: $(ls "$work/made")"
field() { dpkg-deb --field "$deb" "$1"; }
[ "$(field Package)" = vernier ] || fail "the package calls itself $(field Package)"
[ "$(field Architecture)" = "$(dpkg --print-architecture)" ] || fail "its architecture is $(field Architecture)"
# Who owns what, and who may read it.
odd=$(dpkg-deb --contents "$deb" | awk '$1 !~ /^(drwxr-xr-x|-rwxr-xr-x|-rw-r--r--)$/ || $2 != "root/root"')
[ -z "$odd" ] || fail "odd owners or permissions: $odd"
# A system's own folders are shared; everything else is ours by name.
strange=$(dpkg-deb --contents "$deb" | awk '$1 !~ /^d/ {print $6}' | grep -v -i vernier)
[ -z "$strange" ] || fail "files that do not have Vernier's name: $strange"

# Nothing of it runs on a user's machine before the user starts it.
scripts=$(dpkg-deb --ctrl-tarfile "$deb" | tar -t | grep -E '/(pre|post)(inst|rm)$')
[ -z "$scripts" ] || fail "the package brings scripts: $scripts"

# An empty root that knows of the packages which the new one needs, in the versions that are installed here: dpkg itself
# judges whether they suffice.
admin=$root/var/lib/dpkg
mkdir -p "$admin/info" "$admin/updates" "$admin/triggers"
depends=$(field Depends)
for part in libqt6widgets6 libqcustomplot libsqlite3-0 libc6; do
  grep -q "$part" <<<"$depends" || fail "it does not depend on $part: $depends"
done
for package in $(sed 's/([^)]*)//g; s/[,|]/ /g' <<<"$depends"); do
  dpkg-query -W -f 'Package: ${Package}\nStatus: ${Status}\nArchitecture: ${Architecture}\nMulti-Arch: ${Multi-Arch}\nVersion: ${Version}\nMaintainer: ${Maintainer}\nDescription: ${binary:Summary}\n\n' \
    "$package" 2>/dev/null | grep -v '^Multi-Arch: $'
  name=$(dpkg-query -W -f '${binary:Package}' "$package" 2>/dev/null) && : >"$admin/info/$name.list"
done >"$admin/status"

state() { (cd "$root" && find . -path ./var/lib/dpkg -prune -o -print | sort); }
in_root() { dpkg --root="$root" --log=/dev/null "$@" >"$work/dpkg.log" 2>&1 || fail "dpkg $*: $(cat "$work/dpkg.log")"; }

before=$(state)
in_root --install "$deb"
[ "$(dpkg-query --admindir="$admin" -W -f '${Status}' vernier)" = "install ok installed" ] || fail "it is not installed"

# The programs, from where they were installed, with files of their own.
export HOME=$work/home XDG_DATA_HOME=$work/home/data XDG_CACHE_HOME=$work/home/cache XDG_CONFIG_HOME=$work/home/config
export XDG_RUNTIME_DIR=$work/home QT_QPA_PLATFORM=offscreen
unset VERNIER_RESOURCES VERNIER_CACHE_DIR
mkdir -p -m 700 "$HOME"
bin=$root/usr/bin
version=$(field Version)
for program in vernier vernier-cli; do
  said=$("$bin/$program" --version) || fail "$program --version ended with $?"
  grep -q "${version%%-*}" <<<"$said" || fail "$program --version says '$said', the package $version"
done
resources=$root/usr/share/vernier
# A backend that was built is found where it was installed, with or without a GPU.
if [ -e "$build/bin/libvernier-cuda.so" ]; then
  "$bin/vernier-cli" generate --device cuda --model "$resources/demo/model" --prompt Once --max-new-tokens 1 \
    >"$work/cuda.log" 2>&1
  ! grep "computes on the CPU only\|another build" "$work/cuda.log" || fail "the installed backend is not taken"
fi
# A run of the bundled demo, stopped once it stands: of the installed model, not of the sources the programs know too.
"$bin/vernier-cli" demo --device cpu --out "$work/run" >"$work/demo.log" 2>&1 &
demo=$!
until [ -s "$work/run/run.json" ] && [ -s "$work/run/run.db" ]; do
  kill -0 "$demo" 2>/dev/null || fail "demo: $(tail -n 3 "$work/demo.log")"
  sleep 0.1
done
kill "$demo"
wait "$demo"
status=$?
[ "$status" -eq 130 ] || [ "$status" -eq 0 ] || fail "demo ended with $status: $(tail -n 3 "$work/demo.log")"
grep -q "\"$resources/demo/model\"" "$work/run/run.json" || fail "the demo's model is not the installed one"
for page in start lessons; do
  picture=$work/$page.png
  "$bin/vernier" --open "$work/run" --page "$page" --size 1024x700 --screenshot "$picture" 2>"$work/window.log" ||
    fail "a picture of the window: $(cat "$work/window.log")"
  # PNG's own figures: width, height.
  [ "$(od -An -tx1 -j16 -N8 "$picture" | tr -d ' \n')" = 00000400000002bc ] || fail "$picture is not 1024 x 700"
done
[ "$(wc -c <"$work/start.png")" -gt 10000 ] || fail "the picture of the window is empty"

# What desktops read of it.
entry=$root/usr/share/applications/org.vernier.Vernier.desktop
metadata=$root/usr/share/metainfo/org.vernier.Vernier.metainfo.xml
icon=$(sed -n 's/^Icon=//p' "$entry")
program=$(sed -n 's/^Exec=\([^ ]*\).*/\1/p' "$entry")
[ -x "$bin/$program" ] || fail "the desktop entry starts $program, which is not installed"
[ -s "$root/usr/share/icons/hicolor/scalable/apps/$icon.svg" ] || fail "the desktop entry's icon is not installed"
grep -q "<launchable type=\"desktop-id\">$(basename "$entry")<" "$metadata" || fail "the metadata starts another entry"
for type in $(sed -n 's/.*<mediatype>\(.*\)<.*/\1/p' "$metadata"); do
  grep -q "^MimeType=.*$type;" "$entry" || fail "the metadata opens $type, the desktop entry does not"
done
judge() {
  if command -v "$1" >/dev/null; then
    "$@" >"$work/judge.log" 2>&1 || fail "$*: $(cat "$work/judge.log")"
  else
    echo "left out: $1 is not installed"
  fi
}
judge desktop-file-validate "$entry"
judge appstreamcli validate --no-net "$metadata"
# A run is known by its store, among the types that every desktop knows.
if command -v update-mime-database >/dev/null && command -v gio >/dev/null; then
  types=$work/types
  mkdir -p "$types/mime/packages"
  cp "$root/usr/share/mime/packages/org.vernier.Vernier.xml" "$types/mime/packages/"
  [ ! -e /usr/share/mime/packages/freedesktop.org.xml ] ||
    cp /usr/share/mime/packages/freedesktop.org.xml "$types/mime/packages/"
  update-mime-database "$types/mime" 2>"$work/judge.log" || fail "update-mime-database: $(cat "$work/judge.log")"
  type_of() { XDG_DATA_HOME=$types XDG_DATA_DIRS=$types gio info -a standard::content-type "$1" | sed -n 's/.*content-type: //p'; }
  [ "$(type_of "$work/run/run.db")" = application/vnd.vernier.run ] || fail "a run's store is $(type_of "$work/run/run.db")"
  : >"$work/other.db"
  [ "$(type_of "$work/other.db")" != application/vnd.vernier.run ] || fail "any .db passes for a run"
else
  echo "left out: shared-mime-info or gio is not installed"
fi

in_root --purge vernier
[ -z "$(dpkg-query --admindir="$admin" -W -f '${Status}' vernier 2>/dev/null | grep installed)" ] || fail "it is still there"
left=$(diff <(echo "$before") <(state))
[ -z "$left" ] || fail "left behind: $left"
echo "installed, started and taken off: $(basename "$deb"), $(($(stat -c %s "$deb") / 1024)) KiB, $(dpkg-deb --contents "$deb" | grep -c -v '^d') files"
