# Sandlot as one package: website, bridge and supervisor run from their sources by Node's own type stripping, game hosts and pages
# as `npm run build` makes them. Only what runs is kept; the programs are in bin/.
{
  lib,
  stdenv,
  callPackage,
  makeWrapper,
  nodejs_24,
  nodejs-slim_24,
  openssh,
}:

let
  manifest = lib.importJSON ../package.json;
  npmLock = callPackage ./npm-lock.nix { };
  inherit (lib) fileset;
in
stdenv.mkDerivation {
  pname = manifest.name;
  inherit (manifest) version;

  src = fileset.toSource {
    root = ../.;
    fileset = fileset.difference (fileset.unions [
      ../package.json
      ../tsconfig.json
      ../shared
      ../sandbox
      ../bridge
      ../website
    ]) (fileset.fileFilter (file: lib.hasSuffix ".test.ts" file.name) ../.);
  };

  strictDeps = true;
  nativeBuildInputs = [
    nodejs_24
    makeWrapper
  ];

  # No package's script runs: those there are would fetch a Node, a Postgres or a compiler, and Nix has brought what is needed.
  configurePhase = ''
    runHook preConfigure
    export HOME=$TMPDIR npm_config_cache=$TMPDIR/npm npm_config_update_notifier=false
    export npm_config_offline=true npm_config_ignore_scripts=true npm_config_audit=false npm_config_fund=false
    install -m 644 ${npmLock ../package-lock.json} package-lock.json
    npm ci
    patchShebangs node_modules
    runHook postConfigure
  '';

  buildPhase = ''
    runHook preBuild
    npm run build
    npm prune --omit=dev
    runHook postBuild
  '';

  # Node strips types outside of node_modules only; the links @sandlot/* lead out of it.
  installPhase = ''
    runHook preInstall
    lib=$out/lib/sandlot
    mkdir -p $lib
    cp -r package.json node_modules shared sandbox bridge website $lib/

    program() {
      local name=$1 main=$2
      shift 2
      makeWrapper ${lib.getExe nodejs-slim_24} $out/bin/sandlot-$name --add-flags "$flags $lib/$main" "$@"
    }
    flags=
    program website website/server/main.ts --set-default WEB_ROOT $lib/website/web/dist
    program bridge bridge/main.ts
    program supervisor sandbox/supervisor/main.ts --suffix PATH : ${lib.makeBinPath [ openssh ]}
    flags=$(node -p 'require("./sandbox/host/flags.ts").NODE_FLAGS.join(" ")')
    program host sandbox/host/bin.mjs
    runHook postInstall
  '';

  # Native modules stay as published: node brings the libraries that they name.
  dontStrip = true;
  dontPatchELF = true;

  # Each program finds all its modules and gets as far as asking for its settings; the native module loads and makes an isolate.
  doInstallCheck = true;
  installCheckPhase = ''
    runHook preInstallCheck
    $out/bin/sandlot-host --help
    for name in website bridge supervisor; do
      (env -i $out/bin/sandlot-$name 2>&1 || true) | grep -F 'missing or malformed'
    done
    cd $out/lib/sandlot/sandbox
    ${lib.getExe nodejs-slim_24} $flags -e 'new (require("isolated-vm").Isolate)().dispose()'
    runHook postInstallCheck
  '';

  meta = {
    inherit (manifest) description;
    license = lib.licenses.mit;
    mainProgram = "sandlot-host";
    platforms = [ "x86_64-linux" ];
  };
}
