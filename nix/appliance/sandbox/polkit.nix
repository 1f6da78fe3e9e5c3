# What the supervisor may ask of the service manager: to start, end and signal units of games and of builds, and to start the one that makes
# creators' accounts what it has written, by exactly these names. polkit's own JavaScript is that of 2009.
''
  polkit.addRule(function (action, subject) {
    if (subject.user !== "sandlot-supervisor") return polkit.Result.NOT_HANDLED;
    var verbs = ["start", "stop", "kill", "reset-failed"];
    var unit = /^sandlot-(game@[a-z0-9]([a-z0-9-]{0,27}[a-z0-9])?|build@[0-9a-f]{12})\.service$/;
    var isOurs = verbs.indexOf(action.lookup("verb")) >= 0 && unit.test(action.lookup("unit"));
    var isAccounts = action.lookup("verb") === "start" && action.lookup("unit") === "sandlot-accounts.service";
    var allowed = action.id === "org.freedesktop.systemd1.manage-units" && (isOurs || isAccounts);
    return allowed ? polkit.Result.YES : polkit.Result.NO;
  });
''
