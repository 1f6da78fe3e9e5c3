# The two machines as plain data, from one set of settings: `nix-instantiate --eval --strict --json -E "import ./nix/appliance { }"`.
# NixOS modules and the rig map this very data, so that what is tested is what runs. It needs no nixpkgs.
{
  settings ? { },
}:

let
  # Sets are merged, anything else replaces what was there. Whose names are judged elsewhere: ./sandbox/budgets.nix.
  free = [
    "budgets.default"
    "budgets.games"
  ];
  merge =
    path: base: over:
    base
    // builtins.mapAttrs (
      name: value:
      if !(base ? ${name}) then
        throw "settings: there is no ${path}${name}. The names are: ${toString (builtins.attrNames base)}."
      else if builtins.elem "${path}${name}" free then
        base.${name} // value
      else if builtins.isAttrs value && builtins.isAttrs base.${name} then
        merge "${path}${name}." base.${name} value
      else
        value
    ) over;

  with' = {
    settings = merge "" (import ./settings.nix) settings;
    hardening = import ./hardening.nix;
    text = import ./text.nix;
  };
  machine = import ./machine.nix with';
in
{
  inherit (with') settings;
  website = machine (import ./website with');
  sandbox = machine (import ./sandbox with');
}
