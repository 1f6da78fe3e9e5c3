# What both machines must know of each other and of the world. The defaults are those of nix/appliance/settings.nix.
{ lib, ... }:

let
  inherit (lib) mkOption types;
  defaults = import ../appliance/settings.nix;
  text =
    default: description:
    mkOption {
      type = types.str;
      inherit default description;
    };
  port =
    default: description:
    mkOption {
      type = types.port;
      inherit default description;
    };
  amount =
    default: description:
    mkOption {
      type = types.ints.positive;
      inherit default description;
    };
in
{
  options.services.sandlot = {
    site = text defaults.site "The website's host name, such as `site.example`.";
    play = text defaults.play "The host name of games. It must belong to another registrable domain than `site`.";
    node = text defaults.node "The sandbox's name, the same on both machines: a-z, 0-9 and inner hyphens. A site has one sandbox.";
    publicInterface = text defaults.publicInterface "The network interface towards the internet.";
    sftpPort = port defaults.sftpPort "Where creators reach their files.";

    contact = mkOption {
      type = types.nullOr (types.strMatching "[^[:cntrl:]]{1,200}");
      default = defaults.contact;
      example = "write to ops@site.example";
      description = "How people reach the operator who forgot their password or are banned, in words. The pages show it to everybody.";
    };

    iceServers = mkOption {
      type = types.listOf (types.attrsOf (types.either types.str (types.listOf types.str)));
      default = defaults.iceServers;
      example = [ { urls = "stun:stun.example:3478"; } ];
      description = "STUN and TURN servers for games whose players connect directly: `urls`, and `username` and `credential` where one asks for them. Every player is told them, and they lie in the Nix store: give TURN a password of its own.";
    };

    tls = {
      email = mkOption {
        type = types.nullOr types.str;
        default = defaults.tls.email;
        description = "Where the certificate authority writes to.";
      };
      internal = mkOption {
        type = types.bool;
        default = defaults.tls.internal;
        description = "Use certificates of Caddy's own authority: for machines that the internet does not reach.";
      };
    };

    link = {
      interface = text defaults.link.interface "The network interface of the link between the machines.";
      website = text defaults.link.website "The website's IPv4 address on the link.";
      sandbox = text defaults.link.sandbox "The sandbox's IPv4 address on the link.";
      bits = mkOption {
        type = types.ints.between 8 31;
        default = defaults.link.bits;
        description = "How many bits of these addresses name the network.";
      };
      bridgePort = port defaults.link.bridgePort "Where the website's bridge listens on the link.";
      controlPort = port defaults.link.controlPort "Where the sandbox's control door listens on the link.";
    };

    operators = {
      keys = mkOption {
        type = types.listOf types.str;
        default = defaults.operators.keys;
        description = "Public SSH keys of root. Without one there is no SSH for operators.";
      };
      interface = text defaults.operators.interface "The only interface on which operators' SSH answers.";
    };

    budgets =
      let
        budget = types.attrsOf types.ints.positive;
      in
      {
        default = mkOption {
          type = budget;
          default = { };
          example = {
            rooms = 50;
          };
          description = "What each game may use; what is not said is as in `shared/budgets.ts`, which has the names and what they mean. `memoryMiB` is the kernel's limit of a game host too.";
        };
        games = mkOption {
          type = types.attrsOf budget;
          default = defaults.budgets.games;
          example = {
            pong = {
              memoryMiB = 2048;
              cpuMsPerSecond = 400;
            };
          };
          description = "What single games may use instead. A game's name is its id: the last part of the address of its page.";
        };
      };

    sizes = {
      gameBesideMiB = amount defaults.sizes.gameBesideMiB "What the kernel counts of a game host beside the `memoryMiB` of its budget.";
      gameTasks = amount defaults.sizes.gameTasks "Threads of one game host.";
      gameCpuPercent = amount defaults.sizes.gameCpuPercent "Processor time of one game host; 100 is one processor.";
      gamesMemoryPercent = amount defaults.sizes.gamesMemoryPercent "Memory of all games together, as a share of the machine's.";
      buildMiB = amount defaults.sizes.buildMiB "Memory of one build, beside that of a room which it tries. Two are made at once.";
      buildTasks = amount defaults.sizes.buildTasks "Threads of one build.";
      buildCpuPercent = amount defaults.sizes.buildCpuPercent "Processor time of one build; 100 is one processor.";
      runningGames = mkOption {
        type = types.nullOr types.ints.positive;
        default = defaults.sizes.runningGames;
        description = "How many games may run at the same time; null: as many as their memory holds when each has 96 MiB. One that nobody plays gives way to one that somebody wants to play.";
      };
      supervisorMemoryMiB = amount defaults.sizes.supervisorMemoryMiB "Memory of the supervisor, with the files of two games that are built.";
      websiteMemoryMiB = amount defaults.sizes.websiteMemoryMiB "Memory of the website.";
      bridgeMemoryMiB = amount defaults.sizes.bridgeMemoryMiB "Memory of the bridge.";
      caddyMemoryMiB = amount defaults.sizes.caddyMemoryMiB "Memory of the front door.";
      creatorMiB = amount defaults.sizes.creatorMiB "What the folders of all games of one creator may hold together.";
      creatorFiles = amount defaults.sizes.creatorFiles "Files and folders in those.";
      sftpMemoryMiB = amount defaults.sizes.sftpMemoryMiB "Memory of all SFTP sessions.";
      journalMiB = amount defaults.sizes.journalMiB "What the journal may take of the disk.";
      backups = amount defaults.sizes.backups "Nights of which a copy of the database is kept.";
      bases = amount defaults.sizes.bases "Nights of which a full copy of the database is kept, with all that was written since the oldest: it can be restored to any moment.";
      gameCopies = amount defaults.sizes.gameCopies "Nights of which a copy of games' files is kept. What did not change since the night before takes no room.";
      gameCopiesMiB = amount defaults.sizes.gameCopiesMiB "What these copies may take of the disk; beyond that the oldest nights go earlier.";
    };
  };
}
