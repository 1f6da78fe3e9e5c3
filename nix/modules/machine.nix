# Maps one machine of nix/appliance to options of NixOS. Used by website.nix and sandbox.nix, which say when.
{
  lib,
  pkgs,
  config,
  package,
}:

let
  cfg = config.services.sandlot;
  appliance = import ../appliance {
    settings = {
      inherit (cfg)
        site
        play
        node
        contact
        publicInterface
        sftpPort
        iceServers
        tls
        budgets
        link
        operators
        sizes
        ;
      programs = {
        application = "${package}/lib/sandlot";
        node = lib.getExe pkgs.nodejs-slim_24;
        caddy = lib.getExe pkgs.caddy;
        sshd = "${pkgs.openssh}/bin/sshd";
        sshKeygen = "${pkgs.openssh}/bin/ssh-keygen";
        systemctl = "${config.systemd.package}/bin/systemctl";
        userdbctl = "/run/wrappers/bin/userdbctl"; # sshd asks for a program in a folder that only root can write to
        shell = "${pkgs.runtimeShell}";
        nologin = "${pkgs.shadow}/bin/nologin";
        nsenter = "${pkgs.util-linux}/bin/nsenter";
        setpriv = "${pkgs.util-linux}/bin/setpriv";
        tools = lib.makeBinPath [
          pkgs.coreutils
          pkgs.diffutils
          pkgs.findutils
          pkgs.gnugrep
          pkgs.gnused
          pkgs.gnutar
          pkgs.gzip
          pkgs.util-linux
          pkgs.zstd
        ];
        postgres = "postgresql.target";
        psql = "${config.services.postgresql.package}/bin/psql";
        pgDump = "${config.services.postgresql.package}/bin/pg_dump";
        pgRestore = "${config.services.postgresql.package}/bin/pg_restore";
        pgCtl = "${config.services.postgresql.package}/bin/pg_ctl";
        pgBaseBackup = "${config.services.postgresql.package}/bin/pg_basebackup";
        pgArchiveCleanup = "${config.services.postgresql.package}/bin/pg_archivecleanup";
        view = [ builtins.storeDir ];
      };
    };
  };

  unitsOf =
    suffix: machine:
    lib.mapAttrs' (name: unit: lib.nameValuePair (lib.removeSuffix ".${suffix}" name) unit) (
      lib.filterAttrs (name: _: lib.hasSuffix ".${suffix}" name) machine.units
    );
  common = unit: {
    description = unit.Unit.Description;
    unitConfig = removeAttrs unit.Unit [ "Description" ];
    wantedBy = lib.optional (unit ? Install.WantedBy) unit.Install.WantedBy;
  };
in
{
  inherit appliance;

  # The options of NixOS that make this machine.
  config = machine: {
    users.users = lib.mapAttrs (name: user: {
      isSystemUser = true;
      inherit (user) uid home;
      group = name;
      extraGroups = user.groups;
    }) machine.users // {
      root.openssh.authorizedKeys.keys = cfg.operators.keys;
    };
    users.groups =
      lib.mapAttrs (_: user: { gid = user.uid; }) machine.users
      // lib.mapAttrs (_: gid: { inherit gid; }) machine.groups;

    systemd.services =
      lib.mapAttrs (
        name: unit:
        common unit
        // {
          serviceConfig = unit.Service;
          # What it reads at its start; NixOS looks at the unit alone.
          restartTriggers = lib.attrValues (
            lib.filterAttrs (path: _: lib.hasInfix path (builtins.toJSON unit.Service)) machine.files
          );
          restartIfChanged = !lib.hasSuffix "@" name; # games and builds: their supervisor is restarted, and starts them
        }
      ) (unitsOf "service" machine)
      // lib.mapAttrs' (
        name: sections:
        lib.nameValuePair (lib.removeSuffix ".service" name) {
          overrideStrategy = "asDropin";
          enableDefaultPath = false;
          serviceConfig = sections.Service;
          restartIfChanged = false;
        }
      ) machine.dropins;
    systemd.timers = lib.mapAttrs (_: unit: common unit // { timerConfig = unit.Timer; }) (
      unitsOf "timer" machine
    );
    systemd.slices = lib.mapAttrs (_: unit: common unit // { sliceConfig = unit.Slice; }) (
      unitsOf "slice" machine
    );
    systemd.tmpfiles.rules = machine.tmpfiles;

    environment.systemPackages = lib.mapAttrsToList (
      name: script: pkgs.writeScriptBin name script
    ) machine.commands;

    environment.etc = lib.mapAttrs' (
      path: content: lib.nameValuePair (lib.removePrefix "/etc/" path) { text = content; }
    ) machine.files;

    networking.firewall.enable = false; # it filters what comes in; this filters what leaves, too
    networking.nftables = {
      enable = true;
      ruleset = machine.nftables;
    };

    boot.kernel.sysctl = lib.mapAttrs (_: lib.mkForce) machine.sysctl;
    services.journald.extraConfig = lib.generators.toKeyValue { } (
      lib.mapAttrs (_: value: if value == false then "no" else toString value) machine.journald
    );
    systemd.coredump.settings.Coredump = lib.mapAttrs (_: lib.mkForce) machine.coredump;

    systemd.network.networks."20-sandlot-link" = {
      matchConfig.Name = cfg.link.interface;
      address = [ "${cfg.link.${machine.name}}/${toString cfg.link.bits}" ];
      networkConfig = {
        DHCP = "no";
        IPv6AcceptRA = false;
        LinkLocalAddressing = "no";
        ConfigureWithoutCarrier = true; # the doors listen on its address while the other machine, or a cable, is away
      };
      linkConfig.RequiredForOnline = "no"; # a machine starts while the other one is away
    };

    # For operators: root by key, on one interface; the firewall has the port only when there is a key.
    services.openssh = lib.mkIf (cfg.operators.keys != [ ]) {
      enable = true;
      openFirewall = false;
      settings = {
        PasswordAuthentication = false;
        KbdInteractiveAuthentication = false;
        PermitRootLogin = "prohibit-password";
        AllowUsers = [ "root" ];
      };
      hostKeys = [
        {
          type = "ed25519";
          path = "/var/lib/sandlot-keys/operators-host-key";
        }
      ];
    };
  };

  assertions = [
    {
      assertion = cfg.site != cfg.play && !lib.hasSuffix ".${cfg.site}" cfg.play;
      message = "services.sandlot.play is \"${cfg.play}\", which belongs to the site. Set it to a name of another domain, so that games can never see the site's cookies.";
    }
    {
      assertion = builtins.match "[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?" cfg.node != null;
      message = "services.sandlot.node is \"${cfg.node}\". Set it to 1 to 40 of a-z, 0-9 and inner hyphens.";
    }
    {
      assertion = cfg.link.website != cfg.link.sandbox;
      message = "services.sandlot.link.website and services.sandlot.link.sandbox are the same address. Give each machine its own.";
    }
    {
      assertion = cfg.publicInterface != cfg.link.interface;
      message = "services.sandlot.link.interface is the public one. Give the link a network interface of its own.";
    }
  ];
}
