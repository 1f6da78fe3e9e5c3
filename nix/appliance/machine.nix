# What both machines have in common: the kernel's settings, the journal's size, no dumps, and the folders of every daemon.
{ settings, text, ... }:

machine:
{
  dropins = { }; # of single units that come of a template
}
// machine
// {
  sysctl = {
    "fs.protected_fifos" = 2;
    "fs.protected_hardlinks" = 1;
    "fs.protected_regular" = 2;
    "fs.protected_symlinks" = 1;
    "fs.suid_dumpable" = 0;
    "kernel.core_pattern" = "|/bin/false";
    "kernel.dmesg_restrict" = 1;
    "kernel.kexec_load_disabled" = 1;
    "kernel.kptr_restrict" = 2;
    "kernel.perf_event_paranoid" = 3;
    "kernel.randomize_va_space" = 2;
    "kernel.sysrq" = 0;
    "kernel.unprivileged_bpf_disabled" = 1;
    "kernel.yama.ptrace_scope" = 2; # nobody but root looks into another process
    "net.core.bpf_jit_harden" = 2;
    "net.core.rmem_max" = 7500000; # QUIC
    "net.core.wmem_max" = 7500000;
    "net.ipv4.conf.all.accept_redirects" = 0;
    "net.ipv4.conf.all.accept_source_route" = 0;
    "net.ipv4.conf.all.rp_filter" = 1;
    "net.ipv4.conf.all.send_redirects" = 0;
    "net.ipv4.ip_forward" = 0; # neither machine is a way to anywhere
    "net.ipv4.tcp_syncookies" = 1;
    "net.ipv6.conf.all.accept_redirects" = 0;
    "net.ipv6.conf.all.accept_source_route" = 0;
    "net.ipv6.conf.all.forwarding" = 0;
  };

  journald = {
    Storage = "persistent";
    SystemMaxUse = "${toString settings.sizes.journalMiB}M";
    SystemKeepFree = "500M";
    RuntimeMaxUse = "64M";
    RateLimitIntervalSec = "30s";
    RateLimitBurst = 10000;
    MaxRetentionSec = "1month"; # addresses of players are in it
    ForwardToSyslog = false;
    ForwardToWall = false;
  };

  coredump = {
    Storage = "none";
    ProcessSizeMax = 0;
  };

  # Of the user name service: `nftables` is checked where these users do not exist, so rules name numbers.
  tmpfiles = [ "d /var/empty 0555 root root -" ] ++ machine.tmpfiles;
}
