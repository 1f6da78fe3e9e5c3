# What is true of both virtual machines: which network card is which.
{ config, lib, ... }:

let
  cfg = config.services.sandlot;
in
{
  options.services.sandlot.cards = {
    public = lib.mkOption {
      type = lib.types.str;
      example = "52:54:00:00:00:01";
      description = "Hardware address of the network card towards the internet.";
    };
    link = lib.mkOption {
      type = lib.types.str;
      example = "52:54:00:00:01:01";
      description = "Hardware address of the network card of the link.";
    };
  };

  config = {
    systemd.network.links = {
      "10-sandlot-public" = {
        matchConfig.PermanentMACAddress = cfg.cards.public;
        linkConfig.Name = cfg.publicInterface;
      };
      "10-sandlot-link" = {
        matchConfig.PermanentMACAddress = cfg.cards.link;
        linkConfig.Name = cfg.link.interface;
      };
    };
    systemd.network.networks."20-sandlot-public" = {
      matchConfig.Name = cfg.publicInterface;
      networkConfig.DHCP = lib.mkDefault "yes";
      dhcpV4Config.UseDNS = false;
    };
  };
}
