# All that an operator may decide about the two machines, with the values that hold when nothing else is said.
{
  site = "site.example"; # the website's name; its cookies are for this host alone
  play = "play.example"; # where games are: another registrable domain, so that nothing of the site is within their reach
  node = "one"; # the sandbox's name: both machines must say the same, and a site has one sandbox

  contact = null; # how people reach you who forgot their password or are banned, in words: "write to ops@site.example"

  tls = {
    email = null; # for the authority's letters about certificates
    internal = false; # true: certificates of Caddy's own authority, for machines that the internet does not reach
  };

  # The private network between the machines. It carries the two doors and nothing else.
  link = {
    interface = "link";
    website = "10.77.0.1";
    sandbox = "10.77.0.2";
    bits = 30;
    bridgePort = 4100;
    controlPort = 4200;
  };
  publicInterface = "public";
  sftpPort = 2022;

  # STUN and TURN servers for games whose players connect directly, as RTCPeerConnection takes them:
  # { urls = "stun:stun.example:3478"; }. Players are told all of it, so a password here is not a secret.
  iceServers = [ ];

  # Operators: off without a key, and then on this interface only.
  operators = {
    keys = [ ];
    interface = "link";
  };

  # What games may use: all of them, and single ones by their id. The names are those of shared/budgets.ts, where the other defaults are.
  # `memoryMiB` is the kernel's limit too: of the games that have it, and in `default` of all others.
  budgets = {
    default.memoryMiB = 1024;
    games = { };
  };

  sizes = {
    gameBesideMiB = 128; # what the kernel counts of a game host beside the memory that its budget is about
    gameTasks = 64;
    gameCpuPercent = 150;
    gamesMemoryPercent = 75;
    buildMiB = 832; # of one build, beside a room's: its own limit, BUILD_MEMORY_MIB, and what the kernel counts beside that
    buildTasks = 64;
    buildCpuPercent = 150;
    runningGames = null; # at the same time; null: as many as that memory holds when each has 96 MiB, which is 32 of 4 GiB
    supervisorMemoryMiB = 1024; # with the files of two games that are built
    websiteMemoryMiB = 1024;
    bridgeMemoryMiB = 512;
    caddyMemoryMiB = 512;
    creatorMiB = 1024; # in the folders of all games of one creator together
    creatorFiles = 50000; # files and folders in those
    sftpMemoryMiB = 512; # 100 sessions, each of three processes
    journalMiB = 500;
    backups = 14; # nights that are kept
    bases = 7; # nights of which a full copy is kept; to any moment since the oldest the database can be restored
    gameCopies = 14; # nights of which games' files are kept
    gameCopiesMiB = 20480; # that these may take of the disk; beyond that the oldest nights go earlier
  };

  # Where programs lie. NixOS names its store; these are Debian's and the application at /opt/sandlot.
  programs = {
    application = "/opt/sandlot";
    node = "/opt/sandlot/node_modules/.bin/node";
    caddy = "/usr/bin/caddy";
    sshd = "/usr/sbin/sshd";
    sshKeygen = "/usr/bin/ssh-keygen";
    systemctl = "/usr/bin/systemctl";
    userdbctl = "/usr/bin/userdbctl";
    shell = "/bin/sh";
    nologin = "/usr/sbin/nologin";
    nsenter = "/usr/bin/nsenter";
    setpriv = "/usr/bin/setpriv";
    tools = "/usr/sbin:/usr/bin:/sbin:/bin"; # of coreutils, diffutils, findutils, grep, gzip, sed, tar, util-linux and zstd, for scripts
    postgres = "postgresql.service";
    psql = "/usr/lib/postgresql/17/bin/psql";
    pgDump = "/usr/lib/postgresql/17/bin/pg_dump";
    pgRestore = "/usr/lib/postgresql/17/bin/pg_restore";
    pgCtl = "/usr/lib/postgresql/17/bin/pg_ctl";
    pgBaseBackup = "/usr/lib/postgresql/17/bin/pg_basebackup";
    pgArchiveCleanup = "/usr/lib/postgresql/17/bin/pg_archivecleanup";
    # All that a game host may see of the system, read-only: a runtime and the application. No secret lies there.
    view = [
      "/usr"
      "/lib"
      "/lib64"
      "/opt/sandlot"
    ];
  };
}
