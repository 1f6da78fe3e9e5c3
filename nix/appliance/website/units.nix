# The website VM's services. Each of ours has a user of its own; Postgres knows it by that.
with'@{ settings, hardening, text }:

let
  inherit (settings) link sizes programs;
  app = programs.application;
  caddy = import ../caddy.nix with';
  keys = "/var/lib/sandlot-keys";
  wal = "/var/lib/sandlot-wal";
  database = user: "postgres://${user}@localhost/sandlot?host=/run/postgresql"; # `host` wins: the socket
  node = main: "${programs.node} --disable-warning=ExperimentalWarning ${app}/${main}";
  always = {
    Restart = "always";
    RestartSec = 1;
    TimeoutStartSec = "infinity"; # while the database is away, they wait and say so
    TimeoutStopSec = 15;
  };
in
{
  "sandlot-database.service" = text.service (hardening.harden [ hardening.relaxations.sharedUser ]) {
    Unit = {
      Description = "Sandlot: the database and who may use it";
      Requires = programs.postgres;
      After = programs.postgres;
    };
    Service = {
      Type = "oneshot";
      RemainAfterExit = true;
      User = "postgres";
      ExecStart = "${programs.psql} --host=/run/postgresql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --file=/etc/sandlot/roles.sql postgres";
      MemoryMax = "128M";
      TasksMax = 16;
    };
  };

  "sandlot-migrate.service" = text.service (hardening.harden [ hardening.relaxations.jit ]) {
    Unit = {
      Description = "Sandlot: brings the database to this version";
      Requires = "sandlot-database.service";
      After = "sandlot-database.service";
    };
    Service = {
      Type = "oneshot";
      RemainAfterExit = true;
      User = "sandlot-owner";
      ExecStart = node "website/db/main.ts";
      Environment = text.environment { DATABASE_URL = database "sandlot_owner"; };
      MemoryMax = "${toString sizes.websiteMemoryMiB}M";
      TasksMax = 64;
    };
  };

  "sandlot-website.service" =
    text.service
      (hardening.harden [
        hardening.relaxations.jit
        (hardening.peers "asks the control door, over the link" [ link.sandbox ])
      ])
      {
        Unit = {
          Description = "Sandlot: the website";
          Requires = "sandlot-migrate.service sandlot-keys.service";
          After = "sandlot-migrate.service sandlot-keys.service ${programs.postgres} network.target";
          ConditionPathExists = "${keys}/control-nodes"; # a site without a sandbox has nothing to show: see sandlot-enrol
          StartLimitIntervalSec = 0;
        };
        Service = always // {
          Type = "notify";
          NotifyAccess = "all";
          User = "sandlot-website";
          ExecStart = node "website/server/main.ts";
          Environment = text.environment {
            WEBSITE_LISTEN = "unix:/run/sandlot-website/http.sock";
            DATABASE_URL = database "sandlot_website";
            SITE_ORIGIN = "https://${settings.site}";
            TICKET_KEY = "%d/ticket-key";
            CONTROL_NODES = "%d/control-nodes";
            AUTH_SECRET = "%d/auth-secret";
            WEB_ROOT = "${app}/website/web/dist";
          }
          ++ text.when (settings.contact != null) [ (text.quoted "CONTACT" settings.contact) ]
          ++ text.when (settings.iceServers != [ ]) [
            (text.quoted "ICE_SERVERS" (builtins.toJSON settings.iceServers))
          ];
          LoadCredential = [
            "ticket-key:${keys}/ticket-key"
            "control-nodes:${keys}/control-nodes"
            "auth-secret:${keys}/auth-secret"
          ];
          ReadWritePaths = "/run/sandlot-website";
          MemoryMax = "${toString sizes.websiteMemoryMiB}M";
          TasksMax = 64;
        };
      };

  "sandlot-bridge.service" =
    text.service
      (hardening.harden [
        hardening.relaxations.jit
        (hardening.peers "answers the sandbox, over the link" [ link.sandbox ])
      ])
      {
        Unit = {
          Description = "Sandlot: the door for the sandbox";
          Requires = "sandlot-migrate.service sandlot-keys.service";
          After = "sandlot-migrate.service sandlot-keys.service ${programs.postgres} network-online.target";
          Wants = "network-online.target"; # it listens on the link's address
          StartLimitIntervalSec = 0;
        };
        Service = always // {
          Type = "notify";
          NotifyAccess = "all";
          User = "sandlot-bridge";
          ExecStart = node "bridge/main.ts";
          ExecReload = "${programs.shell} -c 'kill -HUP $MAINPID'";
          Environment = text.environment {
            BRIDGE_LISTEN = "${link.website}:${toString link.bridgePort}";
            BRIDGE_DATABASE_URL = database "sandlot_bridge";
            BRIDGE_NODES = "%d/bridge-nodes";
          };
          LoadCredential = [ "bridge-nodes:${keys}/bridge-nodes" ];
          MemoryMax = "${toString sizes.bridgeMemoryMiB}M";
          TasksMax = 64;
        };
      };

  "sandlot-backup.service" = text.service (hardening.harden [ hardening.relaxations.files ]) {
    Unit = {
      Description = "Sandlot: one night's copy of the database";
      Requires = programs.postgres;
      After = programs.postgres;
    };
    Install = { };
    Service = {
      Type = "oneshot";
      User = "sandlot-backup";
      # Complete or not there: the name is given at the end.
      ExecStart = [
        "${programs.pgDump} --format=custom --file=/var/lib/sandlot-backup/.new --host=/run/postgresql --username=sandlot_backup sandlot"
        "${programs.shell} -c 'mv /var/lib/sandlot-backup/.new /var/lib/sandlot-backup/$$(date -u +%%Y-%%m-%%d).dump'"
        "${programs.shell} -c 'ls -1 /var/lib/sandlot-backup/*.dump | head -n -${toString sizes.backups} | while read -r old; do rm -- \"$$old\"; done'"
      ];
      StateDirectory = "sandlot-backup";
      StateDirectoryMode = "0700";
      MemoryMax = "512M";
      TasksMax = 32;
      Nice = 10;
    };
  };

  "sandlot-backup.timer" = {
    Unit.Description = "Sandlot: a copy of the database, every night";
    Timer = {
      OnCalendar = "*-*-* 03:30:00";
      RandomizedDelaySec = "30m";
      Persistent = true; # a night that the machine slept through is made up for
    };
    Install.WantedBy = "timers.target";
    reasons = [ ];
  };

  # What the archived log can be replayed upon. What is older than the oldest copy that is kept goes, of the log too.
  "sandlot-base.service" =
    text.service
      (hardening.harden [
        hardening.relaxations.files
        hardening.relaxations.sharedUser
      ])
      {
        Unit = {
          Description = "Sandlot: a full copy of the database, to restore it to any moment since";
          Requires = programs.postgres;
          After = programs.postgres;
        };
        Install = { };
        Service = {
          Type = "oneshot";
          User = "postgres";
          WorkingDirectory = wal;
          ExecStart = [
            "${programs.shell} -c 'rm -rf base/.new'"
            "${programs.pgBaseBackup} --host=/run/postgresql --username=postgres --pgdata=${wal}/base/.new --format=tar --gzip --wal-method=none --checkpoint=fast"
            "${programs.shell} -c 'mv base/.new base/$$(date -u +%%Y-%%m-%%dT%%H-%%M-%%S.%%N)'"
            "${programs.shell} -c 'ls -1 base | head -n -${toString sizes.bases} | while read -r old; do rm -r -- \"base/$$old\"; done'"
            "${programs.shell} -c 'exec ${programs.pgArchiveCleanup} --clean-backup-history ${wal} \"$$(ls -1 | grep -E \"[.]backup$$\" | tail -n ${toString sizes.bases} | head -n 1)\"'"
          ];
          ReadWritePaths = wal;
          MemoryMax = "512M";
          TasksMax = 32;
          Nice = 10;
        };
      };

  "sandlot-base.timer" = {
    Unit.Description = "Sandlot: a full copy of the database, every night";
    Timer = {
      OnCalendar = "*-*-* 04:30:00";
      RandomizedDelaySec = "30m";
      Persistent = true;
    };
    Install.WantedBy = "timers.target";
    reasons = [ ];
  };

  "sandlot-caddy.service" = caddy.unit { groups = [ ]; };
}
