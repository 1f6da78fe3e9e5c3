// How a bot thinks: it steers by the same `input` that a player's messages set, so it can do nothing a player cannot.

/** Flies at the nearest ship, shoots in bursts when it looks the right way, and turns off before they touch. */
export function steerBot(bot, state, room) {
  const others = Object.values(state.ships).filter((ship) => ship !== bot && ship.respawn === 0)
  const far = (ship) => Math.hypot(ship.x - bot.x, ship.y - bot.y)
  const prey = others.sort((a, b) => far(a) - far(b))[0]
  if (!prey) {
    bot.input = { turn: 1, thrust: 0, fire: 0, target: null }
    return
  }
  const towards = Math.atan2(prey.y - bot.y, prey.x - bot.x)
  const heading = towards + (far(prey) < 130 ? 1.6 : Math.sin(room.frame / 13) * 0.25) // weaving, else it never misses
  const burst = room.frame % 50 < 18
  bot.input = {
    turn: 0,
    thrust: 0,
    fire: burst && Math.cos(towards - bot.angle) > 0.95 && far(prey) < 280 ? 1 : 0,
    target: { x: bot.x + Math.cos(heading) * 200, y: bot.y + Math.sin(heading) * 200 },
  }
}
