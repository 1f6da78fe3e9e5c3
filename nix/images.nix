# Two disks for a machine. The image: a boot partition with one kernel image, and the system; another image in its place is an upgrade. And
# a disk that is empty at first and then has all that is kept, /var, on a partition that grows with it at boot. Images are made without a
# virtual machine, so that any builder can.
{
  config,
  lib,
  pkgs,
  modulesPath,
  ...
}:

let
  cfg = config.services.sandlot;
  efi = pkgs.stdenv.hostPlatform.efiArch;
in
{
  imports = [ (modulesPath + "/image/repart.nix") ];

  options.services.sandlot.dataDisk = lib.mkOption {
    type = lib.types.str;
    default = "/dev/disk/by-id/virtio-data";
    example = "/dev/vdb";
    description = "The disk for all that this machine keeps: an empty one, or one that it has used before. By default a virtio disk whose serial number is `data`.";
  };

  config = {
    boot.loader.grub.enable = false;
    boot.initrd.systemd.enable = true;
    boot.initrd.systemd.repart = {
      enable = true;
      device = cfg.dataDisk;
      empty = "allow"; # and a disk with anything else on it is left alone
    };
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
            SizeMinBytes = "4G"; # with room for what services put in /tmp; an image holds no zeros
          };
        };
      };
    };

    system.build.qcow2 =
      pkgs.runCommand "sandlot-${config.networking.hostName}.qcow2" { nativeBuildInputs = [ pkgs.qemu-utils ]; }
        ''
          qemu-img convert -f raw -O qcow2 -c ${config.system.build.image}/${config.image.filePath} $out
        '';
  };
}
