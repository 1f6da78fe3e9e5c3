# services.sandlot.sandbox: the supervisor, games and creators' files on this machine.
{
  config,
  lib,
  pkgs,
  ...
}:

let
  cfg = config.services.sandlot.sandbox;
  machine = import ./machine.nix {
    inherit lib pkgs config;
    inherit (cfg) package;
  };
in
{
  imports = [ ./options.nix ];

  options.services.sandlot.sandbox = {
    enable = lib.mkEnableOption "a sandbox VM of Sandlot";
    package = lib.mkOption {
      type = lib.types.package;
      default = pkgs.callPackage ../packages.nix { };
      defaultText = lib.literalMD "the package of this flake";
      description = "Sandlot itself.";
    };
  };

  config = lib.mkIf cfg.enable (
    lib.mkMerge [
      (machine.config machine.appliance.sandbox)
      {
        inherit (machine) assertions;
        security.polkit.enable = true; # asked whether the supervisor may start a game
        services.userdbd = {
          enable = true;
          enableSSHSupport = true; # creators' keys
        };
        # The user name service's module for creators, which sshd loads by name.
        systemd.services.sshd-sftp.environment.LD_LIBRARY_PATH = config.system.nssModules.path;
      }
    ]
  );
}
