# One strict set for every unit. A unit that needs more takes a relaxation by its name, and the reason goes with it.
let
  strict = {
    # Whose it is and what it may become.
    NoNewPrivileges = true;
    CapabilityBoundingSet = "";
    AmbientCapabilities = "";
    RestrictSUIDSGID = true;
    KeyringMode = "private";
    UMask = "0077";
    RemoveIPC = true;

    # What it sees.
    PrivateDevices = true;
    DevicePolicy = "closed";
    PrivateIPC = true;
    PrivateTmp = true;
    PrivateUsers = true;
    ProtectClock = true;
    ProtectControlGroups = true;
    ProtectHome = true;
    ProtectHostname = true;
    ProtectKernelLogs = true;
    ProtectKernelModules = true;
    ProtectKernelTunables = true;
    ProtectProc = "invisible";
    ProcSubset = "pid";
    ProtectSystem = "strict";

    # Whom it can talk to.
    PrivateNetwork = true;
    RestrictAddressFamilies = [ "AF_UNIX" ];
    IPAddressDeny = "any";

    # What it may ask of the kernel. A refused call fails; it does not kill, since Node asks for io_uring at every start.
    LockPersonality = true;
    MemoryDenyWriteExecute = true;
    RestrictNamespaces = true;
    RestrictRealtime = true;
    SystemCallArchitectures = "native";
    SystemCallErrorNumber = "EPERM";
    SystemCallFilter = [
      "@system-service"
      "~@privileged @resources @mount @swap @reboot @raw-io @module @debug @cpu-emulation @obsolete @clock @aio @keyring @chown @setuid @memlock"
    ];

    # What it may use up. Every unit sets its own MemoryMax.
    LimitCORE = 0; # a dump holds what players wrote, and keys
    MemorySwapMax = 0;
    OOMPolicy = "kill";
    LogRateLimitIntervalSec = "30s";
    LogRateLimitBurst = 1000;
  };

  relaxations = {
    jit = {
      reason = "runs V8, which writes the code that it executes, with memory protection keys";
      set = {
        MemoryDenyWriteExecute = false;
        SystemCallFilter = strict.SystemCallFilter ++ [ "@pkey" ];
      };
    };
    files = {
      reason = "keeps the ownership and the times of what it writes";
      set.SystemCallFilter = [ "@chown" ];
    };
    reading = {
      reason = "copies files that are others', whatever modes they have";
      set = {
        CapabilityBoundingSet = "CAP_DAC_READ_SEARCH";
        AmbientCapabilities = "CAP_DAC_READ_SEARCH";
        PrivateUsers = false; # the capability must count in the machine's own namespace
      };
    };
    internet = {
      reason = "is what the internet talks to";
      set = {
        PrivateNetwork = false;
        RestrictAddressFamilies = [
          "AF_INET"
          "AF_INET6"
        ];
        IPAddressDeny = "";
      };
    };
    lowPorts = {
      reason = "listens on ports below 1024";
      set = {
        CapabilityBoundingSet = "CAP_NET_BIND_SERVICE";
        AmbientCapabilities = "CAP_NET_BIND_SERVICE";
        PrivateUsers = false; # the capability must count in the machine's own namespace
      };
    };
    login = {
      reason = "becomes the creator who logs in, locks the session into the creator's folder, and keeps its record of logins";
      set = {
        CapabilityBoundingSet = "CAP_SETUID CAP_SETGID CAP_SYS_CHROOT CAP_DAC_READ_SEARCH CAP_KILL";
        PrivateUsers = false;
        SystemCallFilter = [ "@setuid @chown chroot setgroups @resources" ];
      };
    };
    sharedUser = {
      reason = "runs as the user of Postgres, whose shared memory must not go when it ends";
      set.RemoveIPC = false;
    };
  };

  # Only these addresses, on the network of the machine.
  peers = reason: addresses: {
    inherit reason;
    set = {
      PrivateNetwork = false;
      RestrictAddressFamilies = [ "AF_INET" ];
      IPAddressAllow = addresses;
    };
  };

  # Later sets win, except where systemd itself adds up: families, calls and addresses.
  adding = [
    "RestrictAddressFamilies"
    "SystemCallFilter"
    "IPAddressAllow"
  ];
  without = old: new: builtins.filter (item: !builtins.elem item old) new;
  add =
    base: more:
    base
    // builtins.mapAttrs (
      name: value:
      if builtins.elem name adding && base ? ${name} then
        base.${name} ++ without base.${name} value
      else
        value
    ) more;
in
{
  inherit strict relaxations peers;

  # The settings of a unit's [Service] that hold it, and a line for each relaxation.
  harden = chosen: {
    set = builtins.foldl' (held: relaxation: add held relaxation.set) strict chosen;
    reasons = map ({ reason, ... }: reason) chosen;
  };
}
