# The website VM as the flake deploys it. Change the names; everything else is in the options of services.sandlot.
{
  imports = [
    ../modules/website.nix
    ../modules/profile.nix
    ../modules/guest.nix
    ../images.nix
  ];

  networking.hostName = "website";
  services.sandlot = {
    website.enable = true;
    site = "site.example";
    play = "play.example";
    cards.public = "52:54:00:5a:00:01";
    cards.link = "52:54:00:5a:01:01";
  };
}
