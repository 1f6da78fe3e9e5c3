# The few lines that run with all rights of root: creators' folders become what the plan says, a line a creator: NAME NUMBER GAME...
# A game's folder belongs to the supervisor on the disk, and to its creator where that one sees it: a mount that maps the one number
# to the other and no number besides. So no owner is ever changed, and a supervisor that is taken over could show a creator nothing more
# than what it may read itself.
{ settings, ... }:

let
  inherit (settings) programs;
  creators = import ./creators.nix;
  inherit (creators) games jails plan;
  number = builtins.mapAttrs (_: toString) { inherit (creators) supervisor creators firstUid lastUid; };
in
''
  #!${programs.shell}
  set -euf
  PATH=${programs.tools}; export PATH
  umask 022
  owner() { stat -c %u "$1" 2>/dev/null; }
  inode() { stat -c %d:%i "$1" 2>/dev/null; }

  # Nothing but this shape is worked on.
  if grep -qvE '^creator-[0-9a-f]{16} [1-4][0-9]{5}( [a-z0-9]([a-z0-9-]{0,27}[a-z0-9])?)*$' ${plan}; then
    echo 'sandlot-folders: the plan is malformed' >&2
    exit 1
  fi

  # What is not to be seen any more, or by another number, goes; and a folder that is not the game's any more.
  mounts=$(while read -r _ _ _ _ place _; do case $place in ${jails}/*/*) echo "$place" ;; esac; done </proc/self/mountinfo)
  for place in $mounts; do
    jail=''${place%/*} game=''${place##*/}
    grep -qE "^''${jail##*/} $(owner "$place")( .*)? $game( |\$)" ${plan} && [ "$(inode "$place")" = "$(inode "${games}/$game")" ] && continue
    umount -l "$place"
    rmdir "$place"
  done
  for jail in $(ls ${jails}); do
    grep -q "^$jail " ${plan} && continue
    for game in $(ls "${jails}/$jail"); do rmdir "${jails}/$jail/$game"; done
    rmdir "${jails}/$jail"
  done

  # What is to be seen comes. A folder that is not there is passed over: its game was removed meanwhile.
  while read -r name uid list; do
    jail=${jails}/$name
    [ -d "$jail" ] || mkdir -m 0755 "$jail"
    if [ "$(stat -c '%u %g %a' "$jail")" != '0 0 755' ]; then
      echo "sandlot-folders: $jail is not root's alone" >&2
      exit 1
    fi
    for game in $list; do
      [ ! -L "${games}/$game" ] && [ "$(owner "${games}/$game")" = ${number.supervisor} ] || continue
      [ -d "$jail/$game" ] || mkdir -m 0555 "$jail/$game"
      [ "$(owner "$jail/$game")" != "$uid" ] || continue
      mount --bind -o "nosuid,nodev,noexec,X-mount.idmap=u:${number.supervisor}:$uid:1 g:${number.supervisor}:${number.creators}:1" "${games}/$game" "$jail/$game"
    done
  done <${plan}

  # Sessions of a number that nobody has any more end, and those that were about to begin. They see nothing in any case.
  for wait in 1 0; do
    strays=
    for uid in $(cd /proc && set +f && stat -c %u [0-9]* 2>/dev/null | sort -u); do
      [ "$uid" -ge ${number.firstUid} ] && [ "$uid" -le ${number.lastUid} ] || continue
      grep -qE "^[^ ]+ $uid( |\$)" ${plan} && continue
      strays=yes
      setpriv --reuid "$uid" --regid ${number.creators} --clear-groups -- ${programs.shell} -c 'kill -KILL -1' || true
    done
    [ -n "$strays" ] || break
    sleep $wait
  done
''
