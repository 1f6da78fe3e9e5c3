// assets/ship.svg, twice as large, turned to the right and green. The returned sprite is moved by its x and y.
const ship = gameAPI.createSprite('ship', 100, 100, { scale: 2, rotation: Math.PI / 2, tint: '#00ff00' })
ship.x = 200
