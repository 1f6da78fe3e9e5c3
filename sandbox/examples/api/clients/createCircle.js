// A circle by its middle and radius.
gameAPI.createCircle(200, 100, 50, { color: '#00ff00' })
