// A line for the creator; the website shows it beside the game.
gameAPI.log('started with', gameAPI.players.length, 'players', { size: [gameAPI.width, gameAPI.height] })
