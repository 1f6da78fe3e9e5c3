# The sandbox VM as the flake deploys it. Change the names; everything else is in the options of services.sandlot.
{
  imports = [
    ../modules/sandbox.nix
    ../modules/profile.nix
    ../modules/guest.nix
    ../images.nix
  ];

  networking.hostName = "sandbox";
  services.sandlot = {
    sandbox.enable = true;
    site = "site.example";
    play = "play.example";
    cards.public = "52:54:00:5a:00:02";
    cards.link = "52:54:00:5a:01:02";
  };
}
