# services.sandlot.website: pages, accounts, the bridge and Postgres on this machine.
{
  config,
  lib,
  pkgs,
  ...
}:

let
  cfg = config.services.sandlot.website;
  machine = import ./machine.nix {
    inherit lib pkgs config;
    inherit (cfg) package;
  };
  inherit (machine.appliance.website) postgres;
in
{
  imports = [ ./options.nix ];

  options.services.sandlot.website = {
    enable = lib.mkEnableOption "the website VM of Sandlot";
    package = lib.mkOption {
      type = lib.types.package;
      default = pkgs.callPackage ../packages.nix { };
      defaultText = lib.literalMD "the package of this flake";
      description = "Sandlot itself.";
    };
  };

  config = lib.mkIf cfg.enable (
    lib.mkMerge [
      (machine.config machine.appliance.website)
      {
        assertions = machine.assertions ++ [
          {
            assertion = !config.services.sandlot.sandbox.enable or false;
            message = "services.sandlot.website and services.sandlot.sandbox are both enabled. They must be two machines: enable one of them.";
          }
        ];
        services.postgresql = {
          enable = true;
          package = lib.mkOverride 900 pkgs.postgresql_17; # an operator may set another
          settings = lib.mapAttrs (_: lib.mkForce) postgres.settings;
          authentication = lib.mkForce postgres.hba;
          identMap = postgres.ident;
        };
        systemd.services.postgresql.serviceConfig.ReadWritePaths = [ "/var/lib/sandlot-wal" ];
      }
    ]
  );
}
