// Takes a thing off the screen. thing.destroy() does the same.
const gone = gameAPI.createRect(100, 100, 60, 60, { color: '#ff0000' })
gameAPI.createRect(300, 100, 60, 60, { color: '#00ff00' })
gameAPI.destroySprite(gone)
