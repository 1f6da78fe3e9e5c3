// Half a second from here to there, with a bounce at the end.
const ball = gameAPI.createCircle(100, 100, 20, { color: '#00ff00' })
gameAPI.tween(ball, { x: 400, y: 300 }, { duration: 500, ease: 'bounce' })
