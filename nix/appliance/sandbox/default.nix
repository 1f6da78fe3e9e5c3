# The sandbox VM: games and what starts them. Nothing on it is secret about people, and all of it may be lost to an attacker.
with':

let
  inherit (with') settings text;
  inherit (settings) link;
  caddy = import ../caddy.nix with';
  creators = import ./creators.nix;
  budgets = import ./budgets.nix with';
  copies = import ./copies.nix with';
  sftp = "iifname \"${settings.publicInterface}\" tcp dport ${toString settings.sftpPort}";
in
{
  name = "sandbox";
  # sandlot-play: may open games' sockets, and every game is in it. sandlot-doors: may enter the folder where they are, and no game is.
  users = {
    sandlot-supervisor = text.user creators.supervisor [
      "sandlot-play"
      "sandlot-doors"
    ];
    ${caddy.user} = text.user caddy.uid [
      "sandlot-play"
      "sandlot-doors"
    ];
    sshd = text.user 811 [ ];
    ${copies.user} = text.user copies.uid [ ];
  };
  groups = {
    sandlot-play = 820;
    sandlot-doors = 821;
    sandlot-builds = 822; # may read what the supervisor has built
    sandlot-creators = creators.creators; # may log in for SFTP
  };
  units = import ./units.nix with' // copies.units // import ../keys.nix with' "sandbox/enrol/main.ts";
  inherit (budgets) dropins;
  files = {
    "/etc/sandlot/budgets.json" = budgets.file;
    "/etc/sandlot/Caddyfile" = import ./caddyfile.nix with';
    "/etc/sandlot/sshd_config" = import ./sshd.nix with';
    "/etc/sandlot/folders" = import ./folders.nix with';
    ${copies.script} = copies.night;
    "/etc/polkit-1/rules.d/10-sandlot.rules" = import ./polkit.nix;
  };
  commands.sandlot-enrol = text.enrolment {
    program = "sandbox/enrol/main.ts";
    inherit (settings) programs;
    restart = "sandlot-supervisor.service";
    variables.NODE_NAME = settings.node;
  };
  commands.sandlot-restore = copies.restore;
  nftables = import ../firewall.nix { inherit text; } {
    sets = [
      "set sftp4 { type ipv4_addr; size 65535; flags dynamic; }"
      "set sftp6 { type ipv6_addr; size 65535; flags dynamic; }"
    ];
    inbound =
      caddy.inbound
      ++ [
        # Connections of SFTP: of one address (in IPv6 the network of 64 bits that somebody has), and of all.
        "${sftp} ct state new add @sftp4 { ip saddr ct count over 20 } drop"
        "${sftp} ct state new add @sftp6 { ip6 saddr & ffff:ffff:ffff:ffff:: ct count over 20 } drop"
        "${sftp} ct count over 100 drop"
        "${sftp} accept"
        "iifname \"${link.interface}\" ip saddr ${link.website} tcp dport ${toString link.controlPort} accept"
      ]
      ++ text.when (settings.operators.keys != [ ]) [ "iifname \"${settings.operators.interface}\" tcp dport 22 accept" ];
    outbound = caddy.outbound ++ [
      "oifname \"${link.interface}\" meta skuid 801 ip daddr ${link.website} tcp dport ${toString link.bridgePort} accept"
    ];
  };
  tmpfiles = [
    "d /etc/sandlot 0755 root root -"
    "d /run/sandlot-root 0555 root root -" # the empty folder that a game host takes for its root
    "d /run/sandlot 0700 sandlot-supervisor sandlot-supervisor -" # what a game says to its supervisor, a socket each
    "d /run/sandlot-front 2750 sandlot-supervisor sandlot-doors -"
    "d /run/sandlot-game 0710 root sandlot-doors -"
    "d /var/lib/sandlot-keys 0700 root root -"
    "d /var/lib/sandlot 0711 sandlot-supervisor sandlot-supervisor -"
    "d /var/lib/sandlot/builds 2750 sandlot-supervisor sandlot-builds -"
    "d ${creators.jails} 0755 root root -" # locked-in sessions begin here: nobody but root may change it or what is above it
    "d ${creators.records} 0755 root root -"
  ];
}
