# The sandbox VM as the flake deploys it.
{
  imports = [
    ./names.nix
    ../modules/sandbox.nix
    ../modules/profile.nix
    ../modules/guest.nix
    ../images.nix
  ];

  networking.hostName = "sandbox";
  services.sandlot = {
    sandbox.enable = true;
    # Hardware addresses of its two network cards.
    cards.public = "52:54:00:5a:00:02";
    cards.link = "52:54:00:5a:01:02";
  };
}
