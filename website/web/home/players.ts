// Numbers of players as people say them.

/** "2 players", "2 to 8 players", "1 player". */
export function playersText({ minPlayers, maxPlayers }: { minPlayers: number; maxPlayers: number }): string {
  if (minPlayers < maxPlayers) return `${minPlayers} to ${maxPlayers} players`
  return maxPlayers === 1 ? '1 player' : `${maxPlayers} players`
}
