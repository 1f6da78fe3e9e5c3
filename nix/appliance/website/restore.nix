# sandlot-restore on the website VM, as root: the site goes on with a copy of its database. The copy becomes a database beside the one that
# is in use; only then the site stops, the two change names, the migration runs, and the site starts. Nothing is thrown away, and whatever
# fails on the way is undone.
{ settings, ... }:

let
  inherit (settings) programs;
  copies = "/var/lib/sandlot-backup";
  wal = "/var/lib/sandlot-wal";
  place = "/var/lib/sandlot-restore"; # of the server that a moment is looked up with
  services = "sandlot-website.service sandlot-bridge.service";
in
''
  #!${programs.shell}
  set -euf
  PATH=${programs.tools}; export PATH
  LC_ALL=C; export LC_ALL
  umask 077
  here=$PWD
  cd /
  new= kept= done=

  say() { echo "sandlot-restore: $*" >&2; }
  fail() { say "$*"; exit 1; }
  postgres() { setpriv --reuid=postgres --regid=postgres --clear-groups -- "$@" 9>&-; }
  sql() { postgres ${programs.psql} --host=/run/postgresql --no-psqlrc --quiet --no-align --tuples-only --set=ON_ERROR_STOP=1 postgres; }
  databases() { echo "select datname from pg_database where datname ~ '^sandlot_until_[0-9_]+$' order by datname" | sql; }

  usage() {
    cat <<end
  Usage: sandlot-restore FILE                 the site goes on with the copy of a night
         sandlot-restore --at TIME [FOLDER]   or as it was at a moment, such as '2026-11-21 18:00:00+00'. FOLDER: a copy of
                                              ${wal} from elsewhere; there, "end" is the last moment
         sandlot-restore --back NAME          or with a database that was kept when another took its place
         sandlot-restore --drop NAME          throws away one that was kept
  Copies of nights:
  $(ls -1 ${copies} 2>/dev/null | sed 's|^|  ${copies}/|')
  Any moment since:
    $(ls -1 ${wal}/base 2>/dev/null | head -n 1)
  Kept:
  $(databases | sed 's|^|  |')
  end
    exit "$1"
  }

  # What a run leaves that was ended in the middle, or this one.
  away() {
    [ ! -f ${place}/data/postmaster.pid ] || postgres ${programs.pgCtl} --mode=immediate --silent -D ${place}/data stop || true
    rm -rf ${place}
    printf '%s\n' 'set client_min_messages = warning;' 'drop database if exists sandlot_new with (force);' | sql
  }

  # The site's database gets the name $2, and the one named $1 becomes the site's: both or neither.
  swap() {
    sql >/dev/null <<end
  select pg_terminate_backend(pid, 10000) from pg_stat_activity where datname in ('sandlot', '$1') and pid <> pg_backend_pid();
  begin;
  alter database sandlot rename to $2;
  alter database $1 rename to sandlot;
  commit;
  end
  }
  stop() { systemctl stop --no-warn ${services} sandlot-migrate.service sandlot-database.service sandlot-backup.service; }

  end() {
    code=$?
    trap "" HUP INT TERM
    trap - EXIT
    set +e
    if [ -n "$kept" ] && [ -z "$done" ]; then
      if databases | grep -qxF "$kept"; then
        say 'it did not work out: the site goes back to the database that it had'
        stop
        swap "$kept" "$new"
      fi
      systemctl start ${services}
    fi
    away
    exit "$code"
  }

  # From here on the database $1 is the site's.
  take() {
    new=$1 kept=sandlot_until_$(date -u +%Y%m%d_%H%M%S)
    stop
    swap "$new" "$kept"
    systemctl start sandlot-migrate.service || fail 'the database cannot be brought to this version: journalctl -u sandlot-migrate says why'
    systemctl start ${services} || fail 'the site does not start with it: journalctl -u sandlot-website -u sandlot-bridge says why'
    done=yes
    say "the site runs on $2. What it had until now is kept as $kept."
    say "to go back: sandlot-restore --back $kept; to throw that away: sandlot-restore --drop $kept"
  }

  # A dump becomes a database whose tables are the owner's; who else may do what with them, the migration says.
  load() {
    sql <<end
  create database sandlot_new owner sandlot_owner template template0;
  end
    postgres ${programs.pgRestore} --exit-on-error --no-owner --no-privileges --role=sandlot_owner --host=/run/postgresql --dbname=sandlot_new <"$1" ||
      fail "$1 is not a whole copy of the database. Nothing was changed."
    printf '%s\n' '\connect sandlot_new' 'analyze;' | sql
  }

  # Without hot_standby it takes the log of a server with any settings, and answers nobody before it is through.
  replayed() {
    postgres ${programs.pgCtl} --wait --silent --log=${place}/log -D ${place}/data start || return 1
    until postgres ${programs.psql} --host=${place} --no-psqlrc --command='select 1' postgres >/dev/null 2>&1; do
      postgres ${programs.pgCtl} -D ${place}/data status >/dev/null || return 1
      sleep 1
    done
  }

  # ${place}/copy becomes a dump of the database as it was at $1, by what lies in $2: a server of its own replays the log upon a full copy.
  moment() {
    from=${wal}
    if [ -n "$2" ]; then from=$(cd -- "$here" && realpath -e -- "$2") || fail "there is no folder $2."; fi
    limit=9999 target=
    if [ "$1" != end ]; then
      limit=$(date -u -d "''${1:-none}" +%Y-%m-%dT%H-%M-%S.%N) || fail "\"$1\" is no moment. One is: 2026-11-21 18:00:00+00"
      target="recovery_target_time = '$(date -u -d "$1" '+%Y-%m-%d %H:%M:%S.%6N+00')'"
      expr "$limit" \< "$(date -u +%Y-%m-%dT%H-%M-%S.%N)" >/dev/null || fail "$1 has not come yet."
    fi
    base=
    for one in $(ls -1 -- "$from/base"); do
      if expr "$one" \< "$limit" >/dev/null; then base=$one; fi
    done
    [ -n "$base" ] || fail "there is no full copy from before that in $from/base: the first is $(ls -1 -- "$from/base" | head -n 1)."
    base=$from/base/$base/base.tar.gz
    postgres test -r "$base" || fail "postgres cannot read $base: chown -R postgres: $from"

    # The log must say that the moment is over; and what it says must be in the archive.
    if [ "$from" = ${wal} ]; then
      last=$(printf '%s\n' 'select pg_current_xact_id() \g /dev/null' 'select pg_walfile_name(pg_switch_wal());' | sql)
      for second in $(seq 60); do
        [ ! -f "${wal}/$last" ] || break
        sleep 1
      done
      [ -f "${wal}/$last" ] || fail "the log does not come to ${wal}: journalctl -u 'postgresql*' says why. Nothing was changed."
    fi

    install -d -m 700 -o postgres -g postgres ${place} ${place}/data
    ln -s -- "$from" ${place}/wal
    cd ${place}/data
    postgres tar -xzf "$base" -C ${place}/data
    rm -f postgresql.conf postgresql.auto.conf
    printf '%s\n' "restore_command = 'cp ../wal/%f %p'" "$target" 'recovery_target_action = promote' 'hot_standby = off' \
      "listen_addresses = '''" "unix_socket_directories = '${place}'" | postgres tee postgresql.conf >/dev/null
    echo 'local all postgres peer' | postgres tee pg_hba.conf >/dev/null
    postgres tee pg_ident.conf </dev/null
    postgres touch recovery.signal
    if ! replayed; then
      tail -n 5 ${place}/log >&2
      ! grep -q 'recovery ended before configured recovery target' ${place}/log ||
        fail "the log in $from ends earlier: with \"end\" for a moment, all of it is taken. Nothing was changed."
      fail "the log in $from cannot be replayed. Nothing was changed."
    fi
    postgres ${programs.pgDump} --format=custom --file=${place}/copy --host=${place} sandlot
    postgres ${programs.pgCtl} --mode=immediate --silent -D ${place}/data stop
    cd /
    rm -rf ${place}/data
  }

  is_kept() { databases | grep -qxF -e "$1" || fail "no database is kept as $1: sandlot-restore without anything lists them."; }

  [ $# -gt 0 ] || usage 0
  case $1 in
    --at) [ $# -eq 2 ] || [ $# -eq 3 ] || usage 2 >&2 ;;
    --back | --drop) [ $# -eq 2 ] || usage 2 >&2 ;;
    *) [ $# -eq 1 ] && [ "''${1#-}" = "$1" ] || usage 2 >&2 ;;
  esac
  exec 9>/run/sandlot-restore.lock
  flock --nonblock 9 || fail 'another one is at work.'
  trap end EXIT
  trap 'exit 129' HUP; trap 'exit 130' INT; trap 'exit 143' TERM
  away
  case $1 in
    --at)
      moment "$2" "''${3-}"
      load ${place}/copy
      if [ "$2" = end ]; then take sandlot_new 'all that the log has'; else take sandlot_new "its database as it was at $2"; fi
      ;;
    --back)
      is_kept "$2"
      take "$2" "the database that was kept as $2"
      ;;
    --drop)
      is_kept "$2"
      echo "drop database $2 with (force);" | sql
      ;;
    *)
      file=$(cd -- "$here" && realpath -e -- "$1") && [ -f "$file" ] || fail "there is no file $1."
      load "$file"
      take sandlot_new "$file"
      ;;
  esac
''
