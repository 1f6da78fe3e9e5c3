// Never run: the benchmark brings its own players.
gameAPI.onState(() => {})
