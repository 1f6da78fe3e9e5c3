# The front door of a machine: Caddy as a unit and user of its own, without the interface that changes it while it runs.
{ settings, hardening, text }:

rec {
  user = "sandlot-caddy";
  uid = 810;

  # What the front door may reach: certificates and names, and nothing inside.
  outbound = [
    "oifname \"${settings.publicInterface}\" meta skuid ${toString uid} tcp dport { 53, 80, 443 } accept"
    "oifname \"${settings.publicInterface}\" meta skuid ${toString uid} udp dport 53 accept"
  ];
  inbound = [
    "iifname \"${settings.publicInterface}\" tcp dport { 80, 443 } accept"
    "iifname \"${settings.publicInterface}\" udp dport 443 accept"
  ];

  # The head of both Caddyfiles. Caddy makes a new key at every renewal unless it is told otherwise.
  global = [
    "{"
    "\tadmin off"
    "\tpersist_config off"
    "\tskip_install_trust"
    "\tgrace_period 5s"
  ]
  ++ text.when (settings.tls.email != null) [ "\temail ${settings.tls.email}" ]
  ++ [
    "\tservers {"
    "\t\tprotocols h1 h2 h3"
    "\t\tmax_header_size 16KB"
    "\t\ttimeouts {"
    "\t\t\tread_header 10s"
    "\t\t\tidle 2m"
    "\t\t}"
    "\t}"
    "}"
  ];

  # Certificates that live for days: revoking one that leaked hardly matters.
  tls =
    if settings.tls.internal then
      [ "\ttls internal" ]
    else
      [
        "\ttls {"
        "\t\tissuer acme {"
        "\t\t\tprofile shortlived"
        "\t\t}"
        "\t}"
      ];

  unit =
    { groups }:
    text.service
      (hardening.harden (
        with hardening.relaxations;
        [
          internet
          lowPorts
        ]
      ))
      {
        Unit = {
          Description = "Sandlot: the front door";
          After = "network.target nftables.service";
          StartLimitIntervalSec = 0; # it always comes back
        };
        Service = {
          Type = "notify";
          User = user;
          Group = user;
          SupplementaryGroups = groups;
          ExecStart = "${settings.programs.caddy} run --config /etc/sandlot/Caddyfile --adapter caddyfile";
          Environment = [
            "HOME=/var/lib/sandlot-caddy"
            "XDG_DATA_HOME=/var/lib/sandlot-caddy"
            "XDG_CONFIG_HOME=/var/lib/sandlot-caddy"
          ];
          StateDirectory = "sandlot-caddy";
          StateDirectoryMode = "0700"; # the certificates' keys
          Restart = "always";
          RestartSec = 1;
          TimeoutStopSec = 10;
          LimitNOFILE = 65536;
          MemoryMax = "${toString settings.sizes.caddyMemoryMiB}M";
          TasksMax = 256;
        };
      };
}
