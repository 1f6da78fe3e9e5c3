# Copies of games' files: a folder a night, in it an archive a game, so that one that cannot be read costs no other its copy. An archive that
# came out as the night before is the same file, so what nobody changes takes no room. They are readable to root alone.
{ settings, hardening, text }:

let
  inherit (settings) programs sizes;
  creators = import ./creators.nix;
  inherit (creators) games;
  copies = "/var/lib/sandlot-backup";
  restored = "/var/lib/sandlot/restored"; # as the supervisor knows it
  pack = "tar --create --format=gnu --sort=name --directory=${games} --use-compress-program='zstd -q -T1'";
  prelude = ''
    #!${programs.shell}
    set -euf
    PATH=${programs.tools}; export PATH
    LC_ALL=C; export LC_ALL
    umask 077
    isGame() { case $1 in "" | -* | *[!a-z0-9-]*) return 1 ;; esac; }
  '';
in
rec {
  user = "sandlot-backup";
  uid = 804;
  script = "/etc/sandlot/copy-games";

  night = ''
    ${prelude}
    cd ${copies}
    rm -rf .new; mkdir .new
    last=$(ls -1 | grep '^2' | tail -n 1) || true
    failed=0

    # A link in the place of a game's folder is copied as a link. 1: a file was changed or removed while it was read, which is its creator's night.
    for game in $(ls -1 ${games}); do
      isGame "$game" && [ -e "${games}/$game" ] || continue
      copy=.new/$game.tar.zst before=$last/$game.tar.zst
      if ${pack} --file="$copy" "./$game" || [ $? -eq 1 ]; then
        if [ -f "$before" ] && cmp -s "$copy" "$before"; then ln -f "$before" "$copy"; fi
      elif [ -e "${games}/$game" ]; then
        echo "copy-games: $game could not be copied; its copy of the night before stands in, if there is one" >&2
        failed=1
        rm -f "$copy"
        [ ! -f "$before" ] || ln "$before" "$copy"
      else
        rm -f "$copy"
      fi
    done
    mv .new "$(date -u +%Y-%m-%dT%H-%M-%S.%N)"

    # So many nights, and so much of the disk; the last one in any case. What sandlot-restore put aside has the same time.
    find . -mindepth 1 -maxdepth 1 -name 'replaced-*' -mtime +${toString sizes.gameCopies} -exec rm -r {} +
    nights=$(ls -1 | grep -c '^2')
    for old in $(ls -1 | grep '^2'); do
      [ "$nights" -gt 1 ] || break
      [ "$nights" -gt ${toString sizes.gameCopies} ] || [ "$(du -sm . | cut -f 1)" -gt ${toString sizes.gameCopiesMiB} ] || break
      rm -r -- "$old"
      nights=$((nights - 1))
    done
    exit $failed
  '';

  # sandlot-restore on the sandbox VM, as root. Whatever creators have put anywhere is touched with the supervisor's rights and no more. A folder
  # that is there is emptied and stays the same one, which its creator may be looking at, and the supervisor sees what changes.
  restore = ''
    ${prelude}
    say() { echo "sandlot-restore: $*" >&2; }
    fail() { say "$*"; exit 1; }
    supervisor() { setpriv --reuid=sandlot-supervisor --regid=sandlot-supervisor --clear-groups -- "$@"; }
    # Until then, what comes into the game's folder is no upload: the supervisor takes none of it away from a creator who has too much.
    mark() { supervisor mkdir -p ${restored}; supervisor touch -d "$2" "${restored}/$1"; }
    if [ $# -eq 0 ]; then
      echo 'Usage: sandlot-restore NIGHT [GAME...]   files of these games, or of all that are in the copy, become what they were'
      echo 'Copies in ${copies}, or any other folder like these:'
      ls -1 ${copies} | sed 's|^|  |'
      exit 0
    fi
    exec 9>/run/sandlot-restore.lock
    flock --nonblock 9 || fail 'another one is at work.'
    night=$1; shift
    case $night in */*) ;; *) night=${copies}/$night ;; esac
    [ -d "$night" ] || fail "there is no folder $night."
    night=$(realpath -e -- "$night")
    cd / # where the supervisor's programs may be too
    [ $# -gt 0 ] || set -- $(ls -1 "$night" | sed -n 's|[.]tar[.]zst$||p')
    [ $# -gt 0 ] || fail "no game is in $night."
    for game; do
      isGame "$game" && [ -f "$night/$game.tar.zst" ] || fail "there is no game $game in $night. Nothing was changed."
      tar --list --use-compress-program=zstd <"$night/$game.tar.zst" >/dev/null || fail "$night/$game.tar.zst is broken. Nothing was changed."
    done

    aside=${copies}/replaced-$(date -u +%Y-%m-%dT%H-%M-%S.%N) isAside= isNew=
    [ -d ${copies} ] || install -d -m 700 -o ${user} -g ${user} ${copies}
    [ -d ${games} ] || install -d -m 700 -o sandlot-supervisor -g sandlot-supervisor ${games}
    for game; do
      if [ -d "${games}/$game" ]; then
        isAside=yes
        mkdir -p "$aside"
        supervisor chmod -R u+rwX "${games}/$game"
        supervisor ${pack} "./$game" >"$aside/$game.tar.zst" || [ $? -eq 1 ]
        mark "$game" '10 minutes'
        supervisor find "${games}/$game" -mindepth 1 -delete
      else
        isNew=yes
      fi
      supervisor tar --extract --use-compress-program=zstd --directory=${games} "./$game" <"$night/$game.tar.zst" ||
        fail "not all of $game could be put back, see above. What was there is in $aside."
      mark "$game" now
      say "$game has its files of $night."
    done
    if [ -n "$isAside" ]; then
      chown -R ${user}: "$aside"
      say "what was there is kept for ${toString sizes.gameCopies} days; to go back: sandlot-restore ''${aside##*/}"
    fi
    if [ -n "$isNew" ]; then # it looks for games' folders when it starts; and creators see theirs from then on
      ${programs.systemctl} try-restart sandlot-supervisor.service
      ${programs.systemctl} start sandlot-accounts.service
    fi
  '';

  units = {
    "sandlot-backup.service" = text.service (hardening.harden [ hardening.relaxations.reading ]) {
      Unit = {
        Description = "Sandlot: one night's copy of games' files";
        ConditionPathIsDirectory = games;
        RequiresMountsFor = "${games} ${copies}";
      };
      Install = { };
      Service = {
        Type = "oneshot";
        User = user;
        ExecStart = "${programs.shell} ${script}";
        StateDirectory = "sandlot-backup";
        StateDirectoryMode = "0700";
        InaccessiblePaths = "-/var/lib/sandlot-keys -/var/lib/sandlot-caddy";
        MemoryMax = "256M";
        TasksMax = 32;
        LimitFSIZE = "1G"; # of one archive; a game's folder has a tenth of that
        Nice = 10;
        IOWeight = 50;
      };
    };

    "sandlot-backup.timer" = {
      Unit.Description = "Sandlot: a copy of games' files, every night";
      Timer = {
        OnCalendar = "*-*-* 03:30:00";
        RandomizedDelaySec = "30m";
        Persistent = true;
      };
      Install.WantedBy = "timers.target";
      reasons = [ ];
    };
  };
}
