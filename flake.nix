{
  description = "Sandlot: a self-hosted home for multiplayer games that people write in JavaScript or TypeScript";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";

  outputs =
    { nixpkgs, ... }:
    let
      system = "x86_64-linux";
      pkgs = nixpkgs.legacyPackages.${system};
      sandlot = pkgs.callPackage ./nix/packages.nix { };
    in
    {
      packages.${system} = {
        inherit sandlot;
        default = sandlot;
      };

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
