# The sandbox VM's services: the supervisor, one unit a running game, the front door, SFTP.
with'@{ settings, hardening, text }:

let
  inherit (settings) link sizes programs;
  inherit (hardening) harden relaxations peers;
  app = programs.application;
  caddy = import ../caddy.nix with';
  creators = import ./creators.nix;
  budgets = import ./budgets.nix with';
  keys = "/var/lib/sandlot-keys";
in
{
  "sandlot-supervisor.service" =
    text.service
      (harden [
        relaxations.jit
        (peers "has the control door and asks the bridge, over the link" [ link.website ])
      ])
      {
        Unit = {
          Description = "Sandlot: starts, watches and ends games";
          Requires = "sandlot-keys.service sandlot-sftp-key.service";
          After = "sandlot-keys.service sandlot-sftp-key.service sandlot-accounts.service network-online.target dbus.service polkit.service";
          ConditionPathExists = "${keys}/ticket-public"; # whom it may trust, the website says: see sandlot-enrol
          Wants = "network-online.target"; # it listens on the link's address
          StartLimitIntervalSec = 0;
        };
        Service = {
          Type = "notify";
          NotifyAccess = "all"; # by systemd-notify, since Node has no datagrams of this kind
          User = "sandlot-supervisor";
          SupplementaryGroups = "sandlot-play sandlot-doors sandlot-builds";
          ExecStart = "${programs.node} --disable-warning=ExperimentalWarning ${app}/sandbox/supervisor/main.ts";
          ExecReload = "${programs.shell} -c 'kill -HUP $MAINPID'";
          Environment = text.environment ({
            CONTROL_LISTEN = "${link.sandbox}:${toString link.controlPort}";
            CONTROL_FROM = link.website;
            CONTROL_TOKEN = "%d/control-token";
            BRIDGE_URL = "http://${link.website}:${toString link.bridgePort}";
            BRIDGE_TOKEN = "%d/bridge-token";
            TICKET_KEY = "%d/ticket-public";
            SANDBOX_DATA = "/var/lib/sandlot";
            FRONT_LISTEN = "unix:/run/sandlot-front/http.sock";
            SITE_ORIGIN = "https://${settings.site}";
            HOSTS = "units";
            BUDGETS = "/etc/sandlot/budgets.json";
            SFTP_ADDRESS = "${settings.play}:${toString settings.sftpPort}";
            SFTP_HOST_KEY = "%d/sftp-host-key";
            SYSTEMCTL = programs.systemctl;
            CREATOR_MIB = toString sizes.creatorMiB;
            CREATOR_FILES = toString sizes.creatorFiles;
          } // (if sizes.runningGames == null then { } else { RUNNING_GAMES = toString sizes.runningGames; }));
          LoadCredential = [
            "control-token:${keys}/control-token"
            "bridge-token:${keys}/bridge-token"
            "ticket-public:${keys}/ticket-public"
            "sftp-host-key:${keys}/sftp-host-key.pub"
          ];
          ReadWritePaths = "/var/lib/sandlot /run/sandlot /run/sandlot-front";
          UMask = "0027"; # the group of a build may read it
          Restart = "always";
          RestartSec = 1;
          TimeoutStopSec = 20; # every game says goodbye
          MemoryMax = "${toString sizes.supervisorMemoryMiB}M";
          TasksMax = 256;
          LimitNOFILE = 65536;
        };
      };

  # One running game. It is started by the supervisor alone, which also decides whether it comes back.
  "sandlot-game@.service" = text.service (harden [ relaxations.jit ]) {
    Unit = {
      Description = "Sandlot: the game %i";
      StartLimitIntervalSec = 0; # the supervisor backs off
      PartOf = "sandlot-supervisor.service"; # a host whose supervisor died ends by itself
    };
    Install = { };
    Service = {
      Type = "exec";
      DynamicUser = true;
      User = "g-%i"; # without a name, all that come of one template are one user
      Group = "sandlot-play";
      SupplementaryGroups = "sandlot-builds";
      Slice = "sandlot-game.slice";
      ExecStart = "${programs.node} --no-node-snapshot --no-js-explicit-resource-management --disable-warning=ExperimentalWarning --disable-sigusr1 ${app}/sandbox/dist/host.js --supervisor unix:/run/link.sock --listen unix:/run/sandlot-game/%i/play --ticket-key %d/ticket-public --site https://${settings.site}";
      LoadCredential = [ "ticket-public:${keys}/ticket-public" ];
      Environment = text.environment { LC_ALL = "C"; }; # rooms see one language everywhere
      UnsetEnvironment = "TZDIR LOCALE_ARCHIVE";

      # Its view of the machine: a runtime, its own builds, one socket to its supervisor, one folder for its own.
      RootDirectory = "/run/sandlot-root";
      TemporaryFileSystem = "/var:ro,size=1M,nr_inodes=1k"; # or the places of other games' builds would be seen in the root, which all share
      MountAPIVFS = true;
      BindReadOnlyPaths = programs.view ++ [
        "/var/lib/sandlot/builds/%i"
        "/run/sandlot/%i.link:/run/link.sock"
      ];
      PrivateTmp = "disconnected"; # in memory, which is counted as its own: the machine's /tmp and /var/tmp are disks that it could fill
      InaccessiblePaths = "-+/dev/shm"; # the machine's, which all units share
      RuntimeDirectory = "sandlot-game/%i";
      RuntimeDirectoryMode = "0750";
      PrivateMounts = true;

      # Its share of the machine.
      MemoryMax = budgets.memoryMax settings.budgets.default; # a game with a budget of its own: budgets.nix
      TasksMax = sizes.gameTasks;
      CPUWeight = 100;
      CPUQuota = "${toString sizes.gameCpuPercent}%";
      IOWeight = 50;
      OOMScoreAdjust = 500;
      LimitNOFILE = 4096;
      TimeoutStopSec = 5;
      UMask = "0007"; # its socket is for the front door, which is in its group
      SyslogIdentifier = "game-%i";
      LogRateLimitBurst = 200;
    };
  };

  # One build, from its first byte to its last: it runs a creator's code before anybody plays it, and touches no file of a game. The
  # supervisor starts it, hands it the code over its socket, and takes what comes back for no more than what somebody said.
  "sandlot-build@.service" = text.service (harden [ relaxations.jit ]) {
    Unit = {
      Description = "Sandlot: the build %i";
      StartLimitIntervalSec = 0; # one a build, and a creator may save often
      PartOf = "sandlot-supervisor.service";
    };
    Install = { };
    Service = {
      Type = "exec";
      DynamicUser = true;
      User = "b-%i"; # as of games
      Slice = "sandlot-build.slice";
      ExecStart = "${programs.node} --no-node-snapshot --no-js-explicit-resource-management --disable-warning=ExperimentalWarning --disable-sigusr1 --max-old-space-size=256 ${app}/sandbox/dist/build.js --supervisor unix:/run/link.sock";
      SuccessExitStatus = "SIGKILL"; # its own way out: a thread that a creator's code holds up must not delay it
      Environment = text.environment {
        LC_ALL = "C";
        TZ = "UTC";
      };
      UnsetEnvironment = "TZDIR LOCALE_ARCHIVE";

      # Its view of the machine: a runtime and one socket to its supervisor. No game, no build, no folder of its own.
      RootDirectory = "/run/sandlot-root";
      TemporaryFileSystem = "/var:ro,size=1M,nr_inodes=1k";
      MountAPIVFS = true;
      BindReadOnlyPaths = programs.view ++ [ "/run/sandlot/%i.build:/run/link.sock" ];
      PrivateTmp = "disconnected"; # in memory, as of games
      InaccessiblePaths = "-+/dev/shm";
      PrivateMounts = true;

      # Its share of the machine.
      MemoryMax = budgets.buildMemoryMax;
      TasksMax = sizes.buildTasks;
      CPUWeight = 100;
      CPUQuota = "${toString sizes.buildCpuPercent}%";
      IOWeight = 50;
      OOMScoreAdjust = 800; # before any game
      LimitNOFILE = 1024;
      TimeoutStopSec = 5;
      SyslogIdentifier = "build";
      LogRateLimitBurst = 200;
    };
  };

  "sandlot-build.slice" = {
    Unit.Description = "Sandlot: all builds";
    Slice = {
      MemoryMax = budgets.buildsMemoryMax;
      CPUWeight = 25; # of the games' 50: a build that takes all it gets must not slow rooms
      TasksMax = 512;
    };
    reasons = [ ];
  };

  "sandlot-game.slice" = {
    Unit.Description = "Sandlot: all games";
    Slice = {
      MemoryMax = "${toString sizes.gamesMemoryPercent}%";
      CPUWeight = 50; # below the front door and the supervisor, so that the machine can be ruled when games are busy
      TasksMax = 16384;
    };
    reasons = [ ];
  };

  "sandlot-caddy.service" = caddy.unit {
    groups = "sandlot-play sandlot-doors";
  };

  "sandlot-sftp-key.service" = text.service (harden [ ]) {
    Unit = {
      Description = "Sandlot: makes the host key of SFTP, once";
      ConditionPathExists = "!${keys}/sftp-host-key";
    };
    Install = { };
    Service = {
      Type = "oneshot";
      RemainAfterExit = true;
      ExecStart = "${programs.sshKeygen} -q -t ed25519 -N \"\" -C sandlot -f ${keys}/sftp-host-key";
      ReadWritePaths = keys;
      MemoryMax = "64M";
    };
  };

  # Root, for as long as it takes. What reads the supervisor's wishes has no capability and cannot talk to anybody; what may do
  # everything reads only the plan that this makes of them, and is a page.
  "sandlot-accounts.service" = text.service (harden [ relaxations.jit ]) {
    Unit = {
      Description = "Sandlot: creators' accounts and folders, as the supervisor has them";
      Before = "sshd-sftp.service";
      RequiresMountsFor = "/var/lib/sandlot";
      StartLimitIntervalSec = 0; # a creator may change keys often
    };
    Service = {
      Type = "oneshot";
      ExecStart = [
        "${programs.node} --disable-warning=ExperimentalWarning ${app}/sandbox/dist/accounts.js"
        "+${programs.nsenter} --mount=/proc/1/ns/mnt ${programs.shell} /etc/sandlot/folders" # mounts for the whole machine, not for this unit
      ];
      Environment = text.environment {
        ACCOUNTS = creators.accounts;
        USERDB = creators.records;
        PLAN = creators.plan;
        CREATORS_GID = toString creators.creators;
        NOLOGIN = programs.nologin;
      };
      RuntimeDirectory = "sandlot-accounts";
      RuntimeDirectoryMode = "0700";
      RuntimeDirectoryPreserve = true;
      ReadWritePaths = creators.records;
      RestrictAddressFamilies = "none"; # no way to the service manager, which would do anything for root
      MemoryMax = "512M";
      TasksMax = 32;
      TimeoutStartSec = 120;
    };
  };

  "sshd-sftp.service" =
    text.service
      (harden (
        with relaxations;
        [
          internet
          login
        ]
      ))
      {
        Unit = {
          Description = "Sandlot: creators' files over SFTP";
          Requires = "sandlot-sftp-key.service";
          After = "sandlot-sftp-key.service sandlot-accounts.service network.target nss-user-lookup.target";
          StartLimitIntervalSec = 0;
        };
        Service = {
          Type = "exec";
          ExecStartPre = "${programs.sshd} -t -f /etc/sandlot/sshd_config";
          # A file that grows past its limit is an error to who writes it, and ends no session.
          ExecStart = "${programs.shell} -c \"trap '' XFSZ; exec ${programs.sshd} -D -e -f /etc/sandlot/sshd_config\"";
          LimitFSIZE = "5M"; # MAX_FILE_BYTES of shared/limits.ts
          KillMode = "control-group"; # a session does not outlive its server: who was shut out stays out
          Restart = "always";
          RestartSec = 1;
          RuntimeDirectory = "sshd"; # where OpenSSH locks in what has not logged in yet
          RuntimeDirectoryMode = "0755";
          ReadWritePaths = creators.jails;
          MemoryMax = "${toString sizes.sftpMemoryMiB}M";
          TasksMax = 512;
          LimitNPROC = 32; # of one creator: two processes a session
          CPUQuota = "50%";
          IOWeight = 50;
        };
      };
}
