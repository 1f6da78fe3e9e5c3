# The sandbox VM alone: who may start what.
{
  name = "sandlot-sandbox";

  nodes.sandbox = {
    imports = [
      ../modules/sandbox.nix
      ../modules/profile.nix
    ];
    services.sandlot = {
      sandbox.enable = true;
      tls.internal = true;
      publicInterface = "eth1";
      link.interface = "eth2";
    };
    virtualisation.vlans = [ 1 ];
    virtualisation.interfaces.eth2 = {
      vlan = 2;
      assignIP = false;
    };
  };

  testScript = ''
    sandbox.wait_for_unit("sandlot-caddy.service")
    sandbox.wait_for_unit("sshd-sftp.service")
    supervisor = "setpriv --clear-groups --reuid=sandlot-supervisor --regid=sandlot-supervisor "
    caddy = "setpriv --clear-groups --reuid=sandlot-caddy --regid=sandlot-caddy "

    with subtest("the supervisor may signal games and nothing else"):
        sandbox.succeed(supervisor + "systemctl reset-failed sandlot-game@pong.service || true")
        sandbox.fail(supervisor + "systemctl restart sandlot-caddy.service")
        sandbox.fail(supervisor + "systemctl start 'sandlot-game@pong.target'")
        sandbox.fail(caddy + "systemctl start sandlot-game@pong.service")

    with subtest("nobody but the front door reaches beyond the machine"):
        sandbox.fail(supervisor + "bash -c '</dev/tcp/192.168.1.2/80'")

    with subtest("keys are root's"):
        sandbox.fail(supervisor + "ls /var/lib/sandlot-keys")
        sandbox.succeed("ls /var/lib/sandlot-keys/sftp-host-key")
  '';
}
