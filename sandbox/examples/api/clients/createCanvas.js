// A picture that keeps what is drawn on it: one thing, however many strokes.
const paper = gameAPI.createCanvas(0, 0, 400, 300)
paper.rect(0, 0, 400, 300, '#0000ff')
paper.circle(100, 100, 40, '#00ff00')
paper.line(200, 200, 300, 200, '#ff0000', 20)
