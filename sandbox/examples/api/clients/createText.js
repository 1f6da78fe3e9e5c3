// Text with a size, a colour and a place; what it says can change.
const score = gameAPI.createText('0', 100, 100, { size: 80, color: '#00ff00', bold: true })
score.text = '\u2588\u2588'
