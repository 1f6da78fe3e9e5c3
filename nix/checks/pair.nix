# Both machines and the link, tried by the rig's own suite: it runs beside the test driver, which does what it asks of the machines.
{ pkgs, rules }:

let
  inherit (pkgs) lib;
  suite = pkgs.callPackage ../suite.nix { };
  ports = {
    site = 8443;
    play = 8444;
    sftp = 8445;
  };
  settings = (import ../appliance { }).settings;
  card = {
    # The network of QEMU itself, which is how a rig comes from outside, stands for the internet.
    services.sandlot = {
      tls.internal = true;
      sizes.bases = 2;
      sizes.gameCopies = 2;
      budgets.default.players = 199;
      budgets.games.probe.memoryMiB = 256;
      contact = "write to \"ops\"@site.example, 100% read";
      iceServers = lib.importJSON ../rig/ice-servers.json;
      publicInterface = "eth0";
      link.interface = "eth1";
    };
    virtualisation = {
      memorySize = 2048;
      restrictNetwork = true;
      vlans = [ ];
      interfaces.eth1 = {
        vlan = 1;
        assignIP = false;
      };
    };
    systemd.network.networks."20-public" = {
      matchConfig.Name = "eth0";
      address = [
        "10.0.2.15/24"
        "fd00:2::15/64"
      ];
      routes = [
        { Gateway = "10.0.2.2"; }
        { Gateway = "fd00:2::2"; }
      ];
      networkConfig.IPv6AcceptRA = false;
    };
    environment.systemPackages = [ pkgs.perl ]; # native code, as an attacker would bring it
  };
  forward = port: to: {
    from = "host";
    host.address = "127.0.0.1";
    host.port = port;
    guest.port = to;
  };
in
pkgs.testers.runNixOSTest {
  name = "sandlot-${rules}";

  nodes.website = {
    imports = [
      ../modules/website.nix
      ../modules/profile.nix
      card
    ];
    services.sandlot.website.enable = true;
    virtualisation.forwardPorts = [ (forward ports.site 443) ];
  };
  nodes.sandbox = {
    imports = [
      ../modules/sandbox.nix
      ../modules/profile.nix
      card
    ];
    services.sandlot.sandbox.enable = true;
    virtualisation.forwardPorts = [
      (forward ports.play 443)
      (forward ports.sftp 2022)
    ];
  };

  skipTypeCheck = true; # the machines by their names, which the suite says
  testScript =
    { nodes, ... }:
    let
      postgres = "${nodes.website.services.postgresql.package}/bin";
      given = {
        inherit rules ports;
        inherit (settings) site play;
        programs = {
          inherit postgres;
          psql = "${postgres}/psql";
          perl = lib.getExe pkgs.perl;
          node = lib.getExe pkgs.nodejs-slim_24;
        };
      };
    in
    ''
      import json
      import subprocess

      machines = {"website": website, "sandbox": sandbox}
      start_all()
      for machine in machines.values():
          machine.wait_for_unit("multi-user.target")

      suite = subprocess.Popen(
          ["${lib.getExe suite}", ${builtins.toJSON (builtins.toJSON given)}],
          stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
      )
      for line in suite.stdout:
          asked = json.loads(line)
          if asked["verb"] == "say":
              print(asked["text"])
              continue
          machine = machines[asked["machine"]]
          answer = {"id": asked["id"], "code": 0, "output": ""}
          if asked["verb"] == "run":
              answer["code"], answer["output"] = machine.execute(asked["script"], timeout=asked["seconds"])
          elif asked["verb"] == "off":
              machine.crash()
          elif asked["verb"] == "on":
              machine.start()
              machine.wait_for_unit("multi-user.target")
          suite.stdin.write(json.dumps(answer) + "\n")
          suite.stdin.flush()
      assert suite.wait() == 0, "a rule does not hold"
    '';
}
