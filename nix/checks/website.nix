# The website VM alone: the database lets in whom it should, and nobody else.
{
  name = "sandlot-website";

  nodes.website = {
    imports = [
      ../modules/website.nix
      ../modules/profile.nix
    ];
    services.sandlot = {
      website.enable = true;
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
    website.wait_for_unit("sandlot-migrate.service")
    as_user = "setpriv --clear-groups --reuid={0} --regid={0} psql --host=/run/postgresql --username={1} sandlot -c {2!r}"

    with subtest("a backup may read everything and write nothing"):
        website.succeed(as_user.format("sandlot-backup", "sandlot_backup", "select count(*) from games"))
        website.fail(as_user.format("sandlot-backup", "sandlot_backup", "delete from games"))

    with subtest("the bridge is not the website"):
        website.succeed(as_user.format("sandlot-bridge", "sandlot_bridge", "select id from games"))
        website.fail(as_user.format("sandlot-bridge", "sandlot_website", "select id from games"))

    with subtest("the database has no port"):
        website.fail("ss --listening --tcp --numeric | grep -w 5432")

    with subtest("the front door answers while the website has no keys yet"):
        website.wait_for_unit("sandlot-caddy.service")
  '';
}
