# Places and numbers that creators' accounts are made of.
{
  accounts = "/var/lib/sandlot/accounts.json"; # what the supervisor asks for
  games = "/var/lib/sandlot/games";
  jails = "/run/sandlot-creators"; # made anew at every start, like the records
  records = "/run/userdb"; # systemd looks for user records there
  plan = "/run/sandlot-accounts/plan";
  supervisor = 801; # its user and its group
  creators = 823; # every creator's group
  # Creators' own: numbers that neither the system nor systemd gives to anybody. The same in sandbox/accounts/records.ts.
  firstUid = 100000;
  lastUid = 499999;
}
