# The website VM: pages and accounts, the bridge, Postgres. It holds everything that is secret about people.
with':

let
  inherit (with') settings text;
  caddy = import ../caddy.nix with';
  postgres = import ./postgres.nix with';
  inherit (settings) link;
in
{
  name = "website";
  users = {
    sandlot-website = text.user 801 [ ];
    sandlot-bridge = text.user 802 [ ];
    sandlot-owner = text.user 803 [ ];
    sandlot-backup = text.user 804 [ ];
    ${caddy.user} = text.user caddy.uid [ ];
  };
  groups = { };
  units = import ./units.nix with' // import ../keys.nix with' "website/enrol/main.ts";
  inherit postgres;
  files = {
    "/etc/sandlot/Caddyfile" = import ./caddyfile.nix with';
    "/etc/sandlot/roles.sql" = postgres.roles;
  };
  commands.sandlot-enrol = text.enrolment {
    program = "website/enrol/main.ts";
    inherit (settings) programs;
    restart = "sandlot-website.service sandlot-bridge.service";
    variables = {
      NODE_NAME = settings.node;
      CONTROL_URL = "http://${link.sandbox}:${toString link.controlPort}";
      PLAY_ORIGIN = "https://${settings.play}";
      SANDBOX_ADDRESS = link.sandbox;
    };
  };
  commands.sandlot-restore = import ./restore.nix with';
  commands.sandlot-people = text.asWebsite {
    program = "website/people/main.ts";
    database = "postgres://sandlot_website@localhost/sandlot?host=/run/postgresql"; # `host` wins: the socket
    nodes = "/var/lib/sandlot-keys/control-nodes";
    inherit (settings) programs;
  };
  nftables = import ../firewall.nix { inherit text; } {
    inbound =
      caddy.inbound
      ++ [ "iifname \"${link.interface}\" ip saddr ${link.sandbox} tcp dport ${toString link.bridgePort} accept" ]
      ++ text.when (settings.operators.keys != [ ]) [ "iifname \"${settings.operators.interface}\" tcp dport 22 accept" ];
    outbound = caddy.outbound ++ [
      "oifname \"${link.interface}\" meta skuid 801 ip daddr ${link.sandbox} tcp dport ${toString link.controlPort} accept"
    ];
  };
  tmpfiles = [
    "d /etc/sandlot 0755 root root -"
    "d /run/sandlot-website 2750 sandlot-website ${caddy.user} -" # what is made in it is the front door's to open
    "d /var/lib/sandlot-keys 0700 root root -"
    "d /var/lib/sandlot-wal 0700 postgres postgres -"
    "d /var/lib/sandlot-wal/base 0700 postgres postgres -"
  ];
}
