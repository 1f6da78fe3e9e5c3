# What the flake checks by building: units as NixOS renders them, and each machine booted, tried as the wrong user.
{ pkgs }:

let
  inherit (pkgs) lib;
  host = module: (import (pkgs.path + "/nixos/lib/eval-config.nix") {
    modules = [
      module
      { nixpkgs.hostPlatform = pkgs.stdenv.hostPlatform.system; }
    ];
    system = null;
  }).config;
  hosts = {
    website = host ../hosts/website.nix;
    sandbox = host ../hosts/sandbox.nix;
  };
  limits = {
    website = {
      sandlot-backup = 15;
      sandlot-website = 15;
      sandlot-bridge = 15;
      sandlot-caddy = 15;
    };
    sandbox = {
      "sandlot-game@" = 3;
      "sandlot-build@" = 3;
      sandlot-backup = 15;
      sandlot-supervisor = 15;
      sandlot-caddy = 15;
      sshd-sftp = 30;
    };
  };
  judge =
    machine: name: limit:
    "systemd-analyze security --offline=true --no-pager --threshold=${toString limit} ${
      hosts.${machine}.systemd.units."${name}.service".unit
    }/${name}.service";
in
{
  # No unit is more exposed than its limit (a tenth each), in the systemd that will run it.
  units = pkgs.runCommand "sandlot-units" { nativeBuildInputs = [ pkgs.systemd ]; } ''
    ${lib.concatStringsSep "\n" (
      lib.concatLists (lib.mapAttrsToList (machine: lib.mapAttrsToList (judge machine)) limits)
    )}
    touch $out
  '';

  website = pkgs.testers.runNixOSTest ./website.nix;
  sandbox = pkgs.testers.runNixOSTest ./sandbox.nix;

  # Both together, tried from outside, and inside as the wrong user.
  pair = import ./pair.nix {
    inherit pkgs;
    rules = "pair";
  };
  attack = import ./pair.nix {
    inherit pkgs;
    rules = "attack";
  };
}
