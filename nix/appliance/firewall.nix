# The ruleset of one machine: nothing in, nothing out, nothing through, but what is listed. Both families.
# `inbound` and `outbound` are rules of nftables; interfaces are named as strings, since they may come later than the rules.
{ text }:
{
  inbound,
  outbound,
  sets ? [ ],
}:

text.lines (
  [
    "table inet sandlot"
    "delete table inet sandlot"
    "table inet sandlot {"
  ]
  ++ map (set: "  ${set}") sets
  ++ [
    "  chain input {"
    "    type filter hook input priority filter; policy drop;"
    "    ct state established,related accept"
    "    ct state invalid drop"
    "    iifname \"lo\" accept"
    "    icmp type echo-request limit rate 10/second accept"
    "    icmpv6 type { echo-request, nd-neighbor-solicit, nd-neighbor-advert, nd-router-advert, packet-too-big } limit rate 100/second accept"
  ]
  ++ map (rule: "    ${rule}") inbound
  ++ [
    "  }"
    "  chain forward {"
    "    type filter hook forward priority filter; policy drop;"
    "  }"
    "  chain output {"
    "    type filter hook output priority filter; policy drop;"
    "    oifname \"lo\" accept"
    "    ct state established,related accept"
    "    icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert, nd-router-solicit, packet-too-big } accept"
    "    meta skuid 0 udp sport 68 udp dport 67 accept" # an address by DHCP
  ]
  ++ map (rule: "    ${rule}") outbound
  ++ [
    "    limit rate 5/minute log prefix \"refused out: \" flags skuid"
    "    reject with icmpx type admin-prohibited" # at once, so that what must not work fails fast
    "  }"
    "}"
  ]
)
