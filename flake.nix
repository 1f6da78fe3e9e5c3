{
  description = "Sandlot: a self-hosted home for multiplayer games that people write in JavaScript or TypeScript";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";

  outputs =
    { self, nixpkgs, ... }:
    let
      system = "x86_64-linux";
      pkgs = nixpkgs.legacyPackages.${system};
      sandlot = pkgs.callPackage ./nix/packages.nix { };
      host =
        module:
        nixpkgs.lib.nixosSystem {
          modules = [
            module
            { nixpkgs.hostPlatform = system; }
          ];
        };
    in
    {
      nixosModules = {
        website = ./nix/modules/website.nix;
        sandbox = ./nix/modules/sandbox.nix;
        profile = ./nix/modules/profile.nix;
        guest = ./nix/modules/guest.nix;
        image = ./nix/images.nix;
      };

      nixosConfigurations = {
        website = host ./nix/hosts/website.nix;
        sandbox = host ./nix/hosts/sandbox.nix;
      };

      packages.${system} = {
        inherit sandlot;
        default = sandlot;
        website-image = self.nixosConfigurations.website.config.system.build.qcow2;
        sandbox-image = self.nixosConfigurations.sandbox.config.system.build.qcow2;
      };

      checks.${system} = import ./nix/checks { inherit pkgs; };

      devShells.${system}.default = pkgs.mkShell {
        packages = with pkgs; [
          nodejs_24
          postgresql_18
          openssh
          caddy
          nil
          nixfmt
        ];
        # The Node and the Postgres that npm scripts download do not start on NixOS. Without those scripts npm finds the Node above;
        # DATABASE_URL names a server of the Postgres above.
        npm_config_ignore_scripts = true;
      };

      formatter.${system} = pkgs.nixfmt-tree;
    };
}
