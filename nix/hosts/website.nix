# The website VM as the flake deploys it.
{
  imports = [
    ./names.nix
    ../modules/website.nix
    ../modules/profile.nix
    ../modules/guest.nix
    ../images.nix
  ];

  networking.hostName = "website";
  services.sandlot = {
    website.enable = true;
    # Hardware addresses of its two network cards.
    cards.public = "52:54:00:5a:00:01";
    cards.link = "52:54:00:5a:01:01";
  };
}
