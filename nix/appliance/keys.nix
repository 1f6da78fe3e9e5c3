# Every machine makes its own keys at its first boot; no image and no store has any.
{ settings, hardening, text }:

main:
let
  inherit (settings) programs;
in
{
  "sandlot-keys.service" = text.service (hardening.harden [ hardening.relaxations.jit ]) {
    Unit = {
      Description = "Sandlot: makes the keys that are missing";
      RequiresMountsFor = "/var/lib/sandlot-keys";
    };
    Service = {
      Type = "oneshot";
      RemainAfterExit = true;
      ExecStart = "${programs.node} --disable-warning=ExperimentalWarning ${programs.application}/${main} make";
      ReadWritePaths = "/var/lib/sandlot-keys";
      MemoryMax = "256M";
      TasksMax = 32;
    };
  };
}
