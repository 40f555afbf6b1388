# What installer/run and installer/test share: packages, configuring, building. Sourced by bash.
# shellcheck shell=bash

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)

say() { printf '%s\n' "vernier: $*" >&2; }
give_up() {
  printf '%s\n' "error: [installer] $*" >&2
  exit 1
}

# A compiler job may take a gigabyte and a half.
jobs_that_fit() {
  local cores fitting
  cores=$(nproc)
  fitting=$(awk '/^MemAvailable:/ {print int($2 / 1572864)}' /proc/meminfo)
  [ "$fitting" -ge 1 ] || fitting=1
  echo $((fitting < cores ? fitting : cores))
}

# missing_packages KIND...: of those in packages.txt that everybody needs or that a KIND needs.
missing_packages() {
  local wanted
  wanted=$(awk -v kinds=" $* " '!/^#/ && NF && (NF == 1 || index(kinds, " " $2 " ")) {print $1}' \
    "$root/installer/packages.txt")
  # shellcheck disable=SC2086  # one word a package
  comm -23 <(sort <<<"$wanted") \
    <(dpkg-query -W -f='${Package} ${Status}\n' $wanted 2>/dev/null | awk '/ install ok installed$/ {print $1}' | sort)
}

# install_packages KIND...: asks apt only where something is missing.
install_packages() {
  if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    give_up "system: got one without apt-get, expected Debian 12 or a relative. Install what installer/packages.txt" \
      "names by your system's means, then build as README.md says."
  fi
  local missing as_root=()
  missing=$(missing_packages "$@")
  [ -n "$missing" ] || return 0
  missing=${missing//$'\n'/ }
  if [ "$(id -u)" -ne 0 ]; then
    # Without a terminal sudo cannot ask for a password.
    if command -v sudo >/dev/null && { [ -t 2 ] || sudo -n true 2>/dev/null; }; then
      as_root=(sudo)
    else
      give_up "packages: got neither root nor sudo, expected one of them to install what is missing." \
        "Ask an administrator to run: apt-get install $missing"
    fi
  fi
  say "installing $missing"
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -q </dev/null >&2 ||
    give_up "packages: apt-get update failed, as said above. Is there a network?"
  # shellcheck disable=SC2086  # one word a package
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $missing \
    </dev/null >&2 || give_up "packages: apt-get install failed, as said above."
}

# build PRESET: configures where that was not done for this folder yet, and builds what changed.
build() {
  local folder="$root/build/$1"
  cd "$root" || exit 1
  if ! grep -qsxF "CMAKE_HOME_DIRECTORY:INTERNAL=$root" "$folder/CMakeCache.txt" || [ ! -e "$folder/build.ninja" ]; then
    cmake --fresh --preset "$1" >&2 || give_up "configuring: cmake failed, as said above."
  fi
  # Objects of one preset serve another: the working folder is not part of what makes them.
  CCACHE_NOHASHDIR=1 cmake --build "$folder" -j "$(jobs_that_fit)" >&2 || give_up "building: failed, as said above."
}
