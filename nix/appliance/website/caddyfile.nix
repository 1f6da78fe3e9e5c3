# The site: pages from disk, compressed; the API to the website's socket. The headers are those of website/server/headers.ts.
with'@{ settings, text, ... }:

let
  caddy = import ../caddy.nix with';
  play = "https://${settings.play}";
  root = "${settings.programs.application}/website/web/dist";
  policy = builtins.concatStringsSep "; " [
    "default-src 'none'"
    "script-src 'self'"
    "style-src 'self'"
    "img-src 'self'"
    "font-src 'self'"
    "connect-src 'self'"
    "manifest-src 'self'"
    "frame-src ${play}"
    "base-uri 'none'"
    "form-action 'self'"
    "frame-ancestors 'none'"
  ];
in
text.lines (
  caddy.global
  ++ [ "${settings.site} {" ]
  ++ caddy.tls
  ++ [
    "\theader {"
    "\t\t-server"
    "\t\tcontent-security-policy \"${policy}\""
    "\t\tx-content-type-options nosniff"
    "\t\tx-frame-options DENY"
    "\t\treferrer-policy same-origin"
    "\t\tcross-origin-opener-policy same-origin"
    "\t\tcross-origin-resource-policy same-origin"
    "\t\tpermissions-policy \"camera=(), microphone=(), geolocation=(), payment=(), usb=(), serial=(), hid=(), midi=()\""
    "\t\tstrict-transport-security max-age=31536000"
    "\t}"
    "\trequest_body {"
    "\t\tmax_size 9MB"
    "\t}"
    "\thandle /api/* {"
    "\t\treverse_proxy unix//run/sandlot-website/http.sock {"
    "\t\t\theader_up -forwarded"
    "\t\t}"
    "\t}"
    "\thandle /assets/* {"
    "\t\troot ${root}"
    "\t\theader cache-control \"public, max-age=31536000, immutable\""
    "\t\tencode zstd gzip"
    "\t\tfile_server"
    "\t}"
    "\thandle {"
    "\t\troot ${root}"
    "\t\t@page not path_regexp \\.[A-Za-z0-9]+$" # an address that a person opens has no ending
    "\t\trewrite @page /index.html"
    "\t\theader cache-control no-cache"
    "\t\tencode zstd gzip"
    "\t\tfile_server"
    "\t}"
    "\thandle_errors {"
    "\t\t@away expression {err.status_code} in [502, 503, 504]"
    "\t\theader @away retry-after 5"
    "\t\trespond @away `{\"message\":\"The site is being restarted. Try again in a moment.\"}` 503"
    "\t\trespond \"There is nothing here.\" {err.status_code}"
    "\t}"
    "}"
  ]
)
