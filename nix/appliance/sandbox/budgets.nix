# What an operator lets games use: the file that the supervisor reads (shared/budget-file.ts, which judges the amounts), and the kernel's
# limits of memory. A game's own is a file of systemd, made with the machine: nobody on it can ask for another, the supervisor neither.
{ settings, ... }:

let
  inherit (settings) budgets;
  names = [
    "rooms"
    "players"
    "memoryMiB"
    "roomMemoryMiB"
    "cpuMsPerSecond"
    "cpuCreditMs"
    "frameMs"
    "stateBytes"
    "frameOutputBytes"
    "frameMessages"
    "playerMessagesPerSecond"
    "playerBytesPerSecond"
    "addressSockets"
    "addressSocketsPerSecond"
    "logLinesPerSecond"
    "logBytesPerSecond"
    "playerProblemsPerMinute"
    "roomProblemsPerMinute"
    "storeBytes"
  ];
  judged =
    place:
    builtins.mapAttrs (
      name: amount:
      if !builtins.elem name names then
        throw "settings: there is no ${place}.${name}. The names are: ${toString names}."
      else if !builtins.isInt amount || amount < 1 then
        throw "settings: ${place}.${name} is not a whole number above 0."
      else
        amount
    );
  games = builtins.mapAttrs (
    game: own:
    if builtins.match "[a-z0-9]([a-z0-9-]{0,27}[a-z0-9])?" game == null then
      throw "settings: budgets.games.\"${game}\" is not the id of a game. It is the last part of the address of the game's page."
    else
      judged "budgets.games.${game}" own
  ) budgets.games;
  # A build tries a room: which game it is of, its unit does not say. `roomMemoryMiB` as in shared/limits.ts where nobody says another.
  roomMiB = builtins.foldl' (
    most: { roomMemoryMiB ? 64, ... }: if roomMemoryMiB > most then roomMemoryMiB else most
  ) 64 ([ (judged "budgets.default" budgets.default) ] ++ builtins.attrValues games);
  buildMiB = settings.sizes.buildMiB + roomMiB;
  memoryMax = budget: "${toString (budget.memoryMiB + settings.sizes.gameBesideMiB)}M";
in
{
  inherit memoryMax;
  buildMemoryMax = "${toString buildMiB}M";
  buildsMemoryMax = "${toString (2 * buildMiB + 256)}M"; # two at once, and those that wait or end
  file = builtins.toJSON {
    default = judged "budgets.default" budgets.default;
    inherit games;
  };
  dropins = builtins.listToAttrs (
    map (game: {
      name = "sandlot-game@${game}.service";
      value.Service.MemoryMax = memoryMax games.${game};
    }) (builtins.filter (game: games.${game} ? memoryMiB) (builtins.attrNames games))
  );
}
