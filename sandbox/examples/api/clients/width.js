// The game's own coordinates, from game.json: the lower right corner is at width, height, on a screen of any size.
const { width, height } = gameAPI
gameAPI.createRect(width - 30, height - 30, 60, 60, { color: '#ff8800' })
