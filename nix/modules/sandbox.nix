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
        # A supervisor does not start with budgets that it cannot use: found out here, while the one of before still runs.
        system.checks = [
          (pkgs.runCommand "sandlot-budgets" { text = machine.appliance.sandbox.files."/etc/sandlot/budgets.json"; } ''
            ${lib.getExe pkgs.nodejs-slim_24} --disable-warning=ExperimentalWarning --input-type=module -e \
              'import("${cfg.package}/lib/sandlot/shared/budget-file.ts").then(({ readBudgets }) => readBudgets(process.env.text))'
            touch $out
          '')
        ];
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
