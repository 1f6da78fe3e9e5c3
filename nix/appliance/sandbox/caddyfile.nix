# Games: one host, a path each. A game that runs is reached at its own socket; for any other the supervisor is asked, which starts it or
# says why it cannot: an unknown game is its 404.
with'@{ settings, text, ... }:

let
  caddy = import ../caddy.nix with';
  # What the host learns of the way here; Caddy itself replaces the other X-Forwarded headers.
  forwarded = [ "\t\t\theader_up -forwarded" ];
in
text.lines (
  caddy.global
  ++ [ "${settings.play} {" ]
  ++ caddy.tls
  ++ [
    "\theader -server"
    "\t@other not method GET HEAD"
    "\thandle @other {"
    "\t\trespond \"Only GET is allowed here.\" 405"
    "\t}"
    "\trequest_body {"
    "\t\tmax_size 1"
    "\t}"
    "\t@bare path_regexp bare ^/([a-z0-9](?:[a-z0-9-]{0,27}[a-z0-9])?)$"
    "\tredir @bare /{re.bare.1}/ 308"
    "\t@game path_regexp game ^/([a-z0-9](?:[a-z0-9-]{0,27}[a-z0-9])?)(/.*)$"
    "\thandle @game {"
    "\t\trewrite {re.game.2}"
    "\t\treverse_proxy unix//run/sandlot-game/{re.game.1}/play {"
  ]
  ++ forwarded
  ++ [
    "\t\t\theader_up x-forwarded-prefix /{re.game.1}"
    "\t\t\ttransport http {"
    "\t\t\t\tdial_timeout 1s"
    "\t\t\t\tresponse_header_timeout 30s"
    "\t\t\t}"
    "\t\t}"
    "\t}"
    "\thandle {"
    "\t\theader content-security-policy \"default-src 'none'; sandbox\""
    "\t\theader x-content-type-options nosniff"
    "\t\trespond \"There is no such game here. Check the address, or pick a game on the site.\" 404"
    "\t}"
    "\thandle_errors 502 {"
    "\t\treverse_proxy unix//run/sandlot-front/http.sock {"
  ]
  ++ forwarded
  ++ [
    "\t\t\theader_up -x-forwarded-prefix"
    "\t\t}"
    "\t}"
    "}"
  ]
)
