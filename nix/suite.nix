# The rig's acceptance suite as a program for the checks of NixOS: sources, with the packages that are for development.
{
  lib,
  stdenv,
  callPackage,
  makeWrapper,
  nodejs_24,
  nodejs-slim_24,
}:

let
  npmLock = callPackage ./npm-lock.nix { };
in
stdenv.mkDerivation {
  pname = "sandlot-suite";
  inherit (lib.importJSON ../package.json) version;
  src = lib.fileset.toSource {
    root = ../.;
    fileset = lib.fileset.unions [
      ../package.json
      ../shared
      ../sandbox
      ../bridge
      ../website
      ./rig
    ];
  };

  strictDeps = true;
  nativeBuildInputs = [
    nodejs_24
    makeWrapper
  ];

  configurePhase = ''
    runHook preConfigure
    export HOME=$TMPDIR npm_config_cache=$TMPDIR/npm npm_config_update_notifier=false
    export npm_config_offline=true npm_config_ignore_scripts=true npm_config_audit=false npm_config_fund=false
    install -m 644 ${npmLock ../package-lock.json} package-lock.json
    npm ci
    runHook postConfigure
  '';
  dontBuild = true;
  installPhase = ''
    runHook preInstall
    mkdir -p $out/lib
    cp -r . $out/lib/sandlot
    makeWrapper ${lib.getExe nodejs-slim_24} $out/bin/sandlot-suite \
      --add-flags "--disable-warning=ExperimentalWarning $out/lib/sandlot/nix/rig/driven.ts"
    runHook postInstall
  '';
  dontStrip = true;
  dontPatchELF = true;

  meta.mainProgram = "sandlot-suite";
}
