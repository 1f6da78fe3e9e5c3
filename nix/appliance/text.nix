# Small words for making configuration text and units.
rec {
  lines = list: builtins.concatStringsSep "\n" list + "\n";
  words = builtins.concatStringsSep " ";
  when = condition: list: if condition then list else [ ];
  elements = list: "{ ${builtins.concatStringsSep ", " list} }";

  # NAME=VALUE for a unit; nothing here may need quotes.
  environment = variables: map (name: "${name}=${variables.${name}}") (builtins.attrNames variables);

  # The same for any text: quoted as systemd reads it, which takes % for its own.
  quoted =
    name: value:
    "\"${name}=${builtins.replaceStrings [ "\\" "\"" "%" "\n" ] [ "\\\\" "\\\"" "%%" "\\n" ] value}\"";

  # A service with the strict set and what it chose of the relaxations. `held` is what hardening.harden made.
  service =
    held:
    {
      Unit,
      Service,
      Install ? { WantedBy = "multi-user.target"; },
    }:
    {
      inherit Unit Install;
      Service = held.set // Service;
      inherit (held) reasons;
    };

  # sandlot-enrol: makes a machine's keys and exchanges them, as root.
  enrolment =
    {
      program,
      variables,
      restart,
      programs,
    }:
    lines (
      [
        "#!${programs.shell}"
        "set -eu"
      ]
      ++ map (variable: "export ${variable}") (environment variables)
      ++ [
        "${programs.node} --disable-warning=ExperimentalWarning ${programs.application}/${program} \"$@\""
        "if [ \"$1\" = accept ]; then ${programs.systemctl} restart ${restart}; fi"
      ]
    );

  # sandlot-people: what an operator does with people. Root opens the file of nodes; all the rest is done with the website's rights.
  asWebsite =
    {
      program,
      database,
      nodes,
      programs,
    }:
    lines [
      "#!${programs.shell}"
      "set -eu"
      "cd /"
      "exec <${nodes}"
      "export DATABASE_URL='${database}'"
      "exec ${programs.setpriv} --reuid=sandlot-website --regid=sandlot-website --clear-groups --no-new-privs ${programs.node} --disable-warning=ExperimentalWarning ${programs.application}/${program} \"$@\""
    ];

  user = uid: groups: {
    inherit uid groups;
    home = "/var/empty";
  };
}
