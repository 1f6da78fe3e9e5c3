// A line from one point to another. Its width and height are the way between them.
const line = gameAPI.createLine(100, 100, 300, 100, { color: '#00ff00', lineWidth: 20 })
line.height = 200
