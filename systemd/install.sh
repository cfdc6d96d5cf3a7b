# shellcheck shell=bash
# Make this machine the appliance, or take that back. Sourced by setup.sh, runs as root.
#
# 1. Stage: a folder below versions/ gets its own Python environment and a copy of the program; the
#    running version is not touched. 2. Save: the store is backed up, the services stop, and the
#    store is copied as it stands. 3. Switch: `current` points to the new version in one rename.
# 4. Prove: the core starts, brings the store up to date and answers. If it does not, `current`
#    points back, the copy of the store is put back, the old version starts, and this says so.

OPT=/opt/wattward
DATA=/var/lib/wattward
BEFORE=$DATA/before-update # the store as it was before the newest update
COMMAND=/usr/local/bin/wattward
UNITS=(wattward-core.service wattward-touch.service wattward-admin.service wattward-phone.service)
FILES=(run-wattward-usb.mount wattward-window.path wattward-window.service) # units that others start
START_S=180 # how long a new core may take to bring a large store up to date

as_core() { runuser -u wattward-core -- "$@"; }

# What goes into a version, as a name for it: the same files give the same name.
version_name() {
  local version
  version=$(sed -n 's/^version = "\(.*\)"$/\1/p' "$ROOT/pyproject.toml")
  printf '%s-%s\n' "$version" "$(cd "$ROOT" && program_files | LC_ALL=C sort -z | xargs -0 sha256sum | digest | cut -c1-10)"
}

program_files() {
  find pyproject.toml README.md requirements appliance drivers ui systemd docs -type f \
    -not -path '*/__pycache__/*' -not -path '*.egg-info/*' -not -name '*.mo' -print0
}

# stage NAME: make versions/NAME complete, or leave nothing of it.
stage() {
  local folder=$OPT/versions/$1 source
  if [[ -f $folder/complete ]] && "$folder/bin/python" -c ""; then return 0; fi
  say "preparing version $1 in $folder (the first time some minutes)"
  rm -rf "$folder"
  mkdir -p "$folder/share/wattward"
  "$(choose_python)" -m venv "$folder"
  fill_venv "$folder" "$ROOT/requirements/run.txt"
  source=$folder/source
  mkdir "$source"
  (cd "$ROOT" && program_files | tar --null -T - -c) | tar -x -C "$source"
  compile_texts "$folder/bin/python" "$source"
  "$folder/bin/python" -m pip --quiet --disable-pip-version-check install --no-input --no-deps --no-index --no-build-isolation "$source"
  cp -r "$source/systemd" "$source/docs" "$folder/share/wattward/"
  fetch_front "$folder"
  rm -rf "$source"
  chmod -R u=rwX,go=rX "$folder"
  (cd / && runuser -u nobody -- "$folder/bin/wattward" --help >/dev/null)
  touch "$folder/complete"
}

# put FILE WHERE MODE: copy a file in one step, so that nobody sees half of it.
put() {
  install -D -m "$3" "$1" "$2.new"
  mv -f "$2.new" "$2"
}

# place_files VERSION_FOLDER: users, folders, units and rules, as this version wants them.
place_files() {
  local from=$1/share/wattward/systemd unit
  put "$from/wattward.sysusers" /etc/sysusers.d/wattward.conf 644
  systemd-sysusers /etc/sysusers.d/wattward.conf
  put "$from/wattward.tmpfiles" /etc/tmpfiles.d/wattward.conf 644
  systemd-tmpfiles --create /etc/tmpfiles.d/wattward.conf
  for unit in "${UNITS[@]}" "${FILES[@]}"; do put "$from/$unit" "/etc/systemd/system/$unit" 644; done
  put "$from/wattward.rules" /etc/udev/rules.d/60-wattward.rules 644
  put "$from/wattward-polkit.rules" /etc/polkit-1/rules.d/60-wattward.rules 644
  if boot_config >/dev/null; then put "$from/watchdog.conf" /etc/systemd/system.conf.d/60-wattward.conf 644; fi
  systemctl daemon-reload
  if udevadm control --reload 2>/dev/null; then udevadm trigger --action=add --subsystem-match=gpio --subsystem-match=block --subsystem-match=backlight || true; fi
}

# The firmware's configuration; only a Raspberry Pi has one.
boot_config() {
  local file
  for file in "${BOOT:-/boot}/firmware/config.txt" "${BOOT:-/boot}/config.txt"; do
    if [[ -f $file ]]; then
      printf '%s\n' "$file"
      return 0
    fi
  done
  return 1
}

# Relay line low from power-up on, lines given back when their process ends, hardware watchdog.
BOOT_LINES=("gpio=17=op,dl" "dtparam=strict_gpiod" "dtparam=watchdog=on")

set_boot_config() {
  local file line missing=()
  if ! file=$(boot_config); then
    say "no config.txt here, so this is no Raspberry Pi: its lines for relay and watchdog are left out"
    return 0
  fi
  for line in "${BOOT_LINES[@]}"; do
    grep -qE "^[[:space:]]*${line//./\\.}[[:space:]]*(#.*)?\$" "$file" || missing+=("$line")
  done
  ((${#missing[@]})) || return 0
  [[ -f $file.before-wattward ]] || cp "$file" "$file.before-wattward"
  {
    cat "$file"
    printf '\n[all]\n# Wattward: see docs/installing.md\n'
    printf '%s\n' "${missing[@]}"
  } >"$file.new"
  sync "$file.new"
  mv -f "$file.new" "$file"
  sync -f "$file"
  say "added to $file (the old one is $file.before-wattward): ${missing[*]}"
  say "restart this machine once, so that they count"
}

point_current_to() { # in one rename: there is always a current version
  ln -sfn "$1" "$OPT/current.new"
  mv -T "$OPT/current.new" "$OPT/current"
}

stop_services() {
  local unit
  for unit in "${UNITS[@]}"; do
    if systemctl cat "$unit" >/dev/null 2>&1; then systemctl stop "$unit"; fi
  done
}

# Copy the store as it stands. Nothing has it open now, so its files are one consistent whole.
copy_store() {
  rm -rf "$BEFORE.new"
  install -d -m 700 -o wattward-core -g wattward "$BEFORE.new"
  find "$DATA" -maxdepth 1 \( -name store.db -o -name store.db-wal \) -exec cp -p -t "$BEFORE.new" {} +
  sync -f "$BEFORE.new"
  rm -rf "$BEFORE"
  mv -T "$BEFORE.new" "$BEFORE"
  COPIED=yes
}

put_store_back() {
  [[ -n $COPIED && -f $BEFORE/store.db ]] || return 0
  rm -f "$DATA"/store.db "$DATA"/store.db-wal "$DATA"/store.db-shm
  cp -p "$BEFORE"/store.db* "$DATA/"
  sync -f "$DATA"
}

core_answers() {
  systemctl is-active --quiet wattward-core.service &&
    as_core "$OPT/current/bin/wattward" status --json 2>/dev/null |
    "$OPT/current/bin/python" -c 'import json, sys; sys.exit(not json.load(sys.stdin)["core"]["running"])' 2>/dev/null
}

# Start the core and wait until it answers. A core that died three times will not come.
start_core() {
  local until=$((SECONDS + START_S)) restarts
  systemctl reset-failed wattward-core.service 2>/dev/null || true
  systemctl start --no-block wattward-core.service
  while ((SECONDS < until)); do
    if core_answers; then return 0; fi
    restarts=$(systemctl show -P NRestarts wattward-core.service)
    if ((restarts >= 3)); then return 1; fi
    sleep 1
  done
  return 1
}

# Touchscreen, web admin, service for apps: without them the house is still metered and charges, so they only warn.
start_surfaces() {
  local unit
  systemctl enable --quiet "${UNITS[@]}"
  systemctl enable --quiet --now wattward-window.path || warn "the firewall does not limit the web admin's port; look with: systemctl status wattward-window.path"
  for unit in wattward-admin.service wattward-phone.service wattward-touch.service; do
    timeout 60 systemctl restart "$unit" || warn "$unit did not start; look with: journalctl -u $unit"
  done
}

last_words() { journalctl --no-pager -q -n 15 -o cat -u wattward-core.service >&2 || true; }

# go_back OLD: after a failed start. OLD is empty at the first installation.
go_back() {
  local old=$1
  last_words
  stop_services
  if [[ -z $old ]]; then
    rm -f "$OPT/current" "$COMMAND"
    die "The core did not start (its last words are above). Nothing runs now; mend the cause and call this again."
  fi
  warn "the update did not go through (the core's last words are above); going back to ${old##*/}"
  put_store_back
  point_current_to "$old"
  place_files "$old"
  if start_core; then
    start_surfaces
    die "The update failed. ${old##*/} runs again, with the store as it was before."
  fi
  die "The update failed, and ${old##*/} does not start either. The store of before is in $BEFORE. Look with: journalctl -u wattward-core"
}

save_before_update() {
  if core_answers; then
    say "making a backup before the update"
    timeout 600 runuser -u wattward-core -- "$OPT/current/bin/wattward" backup now ||
      warn "no backup was made; the store itself is copied to $BEFORE"
  fi
  stop_services
  copy_store
}

# Keep this version and the one before; nobody goes further back.
forget_old_versions() {
  local folder keep=("$@")
  for folder in "$OPT"/versions/*; do
    [[ " ${keep[*]} " == *" $folder "* ]] || rm -rf "$folder"
  done
}

# Whatever ends this script between the first change and the proof leads back.
UPDATING="" # the version folder to go back to, or `nothing`
COPIED=""   # the store was copied by this update, and may be put back
on_exit() {
  local old=$UPDATING
  UPDATING=""
  [[ -z $old ]] || go_back "${old#nothing}"
}

install_here() {
  local name folder old=""
  if [[ ! -d /run/systemd/system ]]; then
    die "This machine is not run by systemd: './setup.sh run' works here, an installation does not."
  fi
  packages_for "the appliance" "${PYTHON_PACKAGES[@]}" "${SCREEN_PACKAGES[@]}" "${SERVICE_PACKAGES[@]}"
  name=$(version_name)
  folder=$OPT/versions/$name
  [[ ! -L $OPT/current ]] || old=$(readlink -f "$OPT/current")
  stage "$name"
  if [[ $old == "$folder" ]] && core_answers; then
    place_files "$folder"
    set_boot_config
    start_surfaces
    say "version $name is installed and runs"
    return 0
  fi
  trap on_exit EXIT
  UPDATING=${old:-nothing}
  [[ -z $old ]] || save_before_update
  point_current_to "$folder"
  place_files "$folder"
  set_boot_config
  ln -sfn "$OPT/current/bin/wattward" "$COMMAND"
  start_core
  UPDATING=""
  start_surfaces
  forget_old_versions "$folder" "$old"
  say "version $name is installed and runs"
  say "look: sudo wattward status; first steps: docs/installing.md"
}

uninstall_here() {
  systemctl disable --quiet --now "${UNITS[@]}" wattward-window.path 2>/dev/null || true
  nft delete table inet wattward 2>/dev/null || true
  systemctl stop run-wattward-usb.mount 2>/dev/null || true
  rm -f "${UNITS[@]/#//etc/systemd/system/}" "${FILES[@]/#//etc/systemd/system/}" /etc/udev/rules.d/60-wattward.rules \
    /etc/polkit-1/rules.d/60-wattward.rules \
    /etc/tmpfiles.d/wattward.conf /etc/systemd/system.conf.d/60-wattward.conf "$COMMAND"
  systemctl daemon-reload
  rm -rf "$OPT" /run/wattward
  if [[ ${1:-} == --purge ]]; then
    rm -rf "$DATA" /etc/sysusers.d/wattward.conf
    for user in wattward-core wattward-touch wattward-admin wattward-phone; do userdel "$user" 2>/dev/null || true; done
    groupdel wattward 2>/dev/null || true
    say "Wattward and everything it knew are gone"
  else
    say "Wattward is gone; the household's data stays in $DATA (./setup.sh uninstall --purge removes it)"
  fi
  if boot_config >/dev/null; then say "the lines in $(boot_config) stay: they keep the relay open"; fi
}

doctor_installed() {
  local bad=0 file line
  [[ -L $OPT/current ]] || return 0
  finding ok "installed: $(basename "$(readlink -f "$OPT/current")")"
  for line in "${UNITS[@]}"; do
    systemctl is-active --quiet "$line" || finding bad "$line does not run: journalctl -u $line" || bad=1
  done
  if file=$(boot_config); then
    for line in "${BOOT_LINES[@]}"; do
      grep -qxF "$line" "$file" || finding bad "$file lacks '$line': sudo ./setup.sh install adds it" || bad=1
    done
  fi
  return "$bad"
}
