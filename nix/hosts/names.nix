# What you decide for both machines. Everything else is in the options of services.sandlot, with defaults.
{
  services.sandlot = {
    site = "site.example";
    play = "play.example"; # another registrable domain
    operators.keys = [ ]; # your SSH key: "ssh-ed25519 AAAA... you@there"
    link.bits = 29; # room for a third address on the link, the hypervisor's, from where you come: 10.77.0.3
  };
}
