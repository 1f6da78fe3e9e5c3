# An appliance: nothing to log in to, nothing to become root with, nothing that builds or changes the system from inside.
{ lib, modulesPath, ... }:

{
  imports = [
    (modulesPath + "/profiles/minimal.nix")
    (modulesPath + "/profiles/headless.nix")
    (modulesPath + "/profiles/qemu-guest.nix")
  ];

  nix.enable = lib.mkDefault false; # another image is the way to another version
  security.sudo.enable = false;
  security.protectKernelImage = true;
  security.lockKernelModules = true;
  boot.kernelModules = [
    "tcp_diag"
    "virtio_rng"
  ];
  boot.kernelParams = [ "systemd.ssh_auto=no" ];

  users.mutableUsers = false;
  users.allowNoPasswordLogin = true; # there is no console to log in to; operators have keys, or rebuild
  services.userborn.enable = true;
  environment.defaultPackages = [ ];
  programs.command-not-found.enable = false;

  # What is left to become somebody else with: what the user name service needs (userdbctl) and no more.
  security.wrappers =
    lib.genAttrs
      [
        "mount"
        "umount"
        "su"
        "sg"
        "newgrp"
        "newuidmap"
        "newgidmap"
        "fusermount3"
        "pkexec"
      ]
      (_: {
        enable = lib.mkForce false;
      });

  networking.useNetworkd = true;
  networking.useDHCP = false; # true would ask on the link too
  services.resolved.enable = false; # the front door alone asks for names
  networking.nameservers = lib.mkDefault [
    "9.9.9.9"
    "149.112.112.112"
  ];
  services.timesyncd.enable = lib.mkDefault false; # the hypervisor's clock; nothing else may talk to the internet
  time.timeZone = "UTC";
  i18n.defaultLocale = lib.mkDefault "C.UTF-8";
  documentation.enable = false;
  system.stateVersion = "26.05";
}
