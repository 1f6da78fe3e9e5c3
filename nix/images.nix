# One disk for a machine: boot partition with one kernel image, the system, and /var on a partition that grows at boot, so that
# another image in its place keeps all data. Made without a virtual machine, so that any builder can.
{
  config,
  lib,
  pkgs,
  modulesPath,
  ...
}:

let
  efi = pkgs.stdenv.hostPlatform.efiArch;
in
{
  imports = [ (modulesPath + "/image/repart.nix") ];

  boot.loader.grub.enable = false;
  boot.initrd.systemd.enable = true;
  boot.initrd.systemd.repart.enable = true;
  systemd.repart.partitions."30-var" = {
    Type = "var";
    Label = "var";
    Format = "ext4";
    SizeMinBytes = "2G";
  };

  fileSystems = {
    "/" = {
      device = "/dev/disk/by-partlabel/system";
      fsType = "ext4";
    };
    "/boot" = {
      device = "/dev/disk/by-partlabel/boot";
      fsType = "vfat";
      options = [ "umask=0077" ];
    };
    "/var" = {
      device = "/dev/disk/by-partlabel/var";
      fsType = "ext4";
      neededForBoot = true;
      autoResize = true;
      options = [
        "nosuid"
        "nodev"
      ];
    };
  };

  image.repart = {
    name = "sandlot-${config.networking.hostName}";
    partitions = {
      "10-boot" = {
        contents = {
          "/EFI/BOOT/BOOT${lib.toUpper efi}.EFI".source =
            "${config.systemd.package}/lib/systemd/boot/efi/systemd-boot${efi}.efi";
          "/EFI/Linux/${config.system.boot.loader.ukiFile}".source =
            "${config.system.build.uki}/${config.system.boot.loader.ukiFile}";
        };
        repartConfig = {
          Type = "esp";
          Label = "boot";
          Format = "vfat";
          SizeMinBytes = "256M";
        };
      };
      "20-system" = {
        storePaths = [ config.system.build.toplevel ];
        repartConfig = {
          Type = "root";
          Label = "system";
          Format = "ext4";
          Minimize = "guess";
        };
      };
    };
  };

  system.build.qcow2 =
    pkgs.runCommand "sandlot-${config.networking.hostName}.qcow2" { nativeBuildInputs = [ pkgs.qemu-utils ]; }
      ''
        qemu-img convert -f raw -O qcow2 -c ${config.system.build.image}/${config.image.filePath} $out
      '';
}
