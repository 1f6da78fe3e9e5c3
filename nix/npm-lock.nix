# package-lock.json records what each tarball contains (`integrity`) and not where it lies. Fetches every tarball this platform needs by
# that hash and returns the lock with the fetched files as addresses, for `npm ci --offline`: no hash of our own to keep up to date.
{
  lib,
  fetchurl,
  stdenv,
  writers,
}:

let
  registry = "https://registry.yarnpkg.com";
  platform = stdenv.hostPlatform;

  # npm's own rule for the lists `os`, `cpu` and `libc`: no value denied, and one of the allowed if any are.
  allows =
    list: value:
    let
      values = lib.toList list;
      allowed = lib.filter (item: !lib.hasPrefix "!" item) values;
    in
    !lib.elem "!${value}" values && (allowed == [ ] || lib.elem value allowed);

  fits =
    entry:
    allows (entry.os or [ ]) platform.node.platform
    && allows (entry.cpu or [ ]) platform.node.arch
    && (!platform.isLinux || allows (entry.libc or [ ]) (if platform.isMusl then "musl" else "glibc"));

  # The rest is ours (the root, the workspaces and the links to them) or lies inside another package's tarball.
  fromRegistry =
    key: entry: lib.hasInfix "node_modules/" key && !(entry.link or false) && !(entry.inBundle or false);

  needed = entry: !(entry.optional or false) || fits entry;

  fetch =
    key: entry:
    let
      missing =
        what:
        throw "package-lock.json: \"${key}\" has no ${what}; only packages of the npm registry can be fetched. Run `npm install` and commit the lock.";
      name = entry.name or (lib.last (lib.splitString "node_modules/" key)); # an alias says its real name
      version = entry.version or (missing "version");
      hashes = lib.splitString " " (entry.integrity or (missing "integrity"));
    in
    fetchurl {
      url = "${registry}/${name}/-/${baseNameOf name}-${version}.tgz";
      hash = lib.findFirst (lib.hasPrefix "sha512-") (missing "sha512 integrity") hashes;
    };

  withFile =
    key: entry:
    if fromRegistry key entry && needed entry then
      entry // { resolved = "file:${fetch key entry}"; }
    else
      entry;
in

# The path of package-lock.json -> a file in the store.
file:
let
  lock = lib.importJSON file;
in
assert lib.assertMsg (
  lock.lockfileVersion == 3
) "package-lock.json: lockfileVersion 3 is needed; npm 9 and later write it.";
writers.writeJSON "package-lock.json" (lock // { packages = lib.mapAttrs withFile lock.packages; })
