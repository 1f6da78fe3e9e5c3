// Arena, what a player sees. Ships and bullets are drawn where the server says they are.
const { width, height, keys, me } = gameAPI
const centered = { originX: 0.5, originY: 0.5 }
const nameOf = (id, { name }) => (id === me.id ? 'You' : name.slice(0, 12))

const sky = gameAPI.createCanvas(0, 0, width, height, { depth: -2 }) // drawn once, kept
for (let i = 0; i < 90; i++) {
  const color = ['#2a3566', '#46569c', '#8fa0e6'][i % 3]
  sky.circle(gameAPI.random() * width, gameAPI.random() * height, 0.6 + gameAPI.random() * 1.4, color)
}

// A group makes one thing for each entry of the state and destroys it when the entry is gone.
const rocks = gameAPI.group((rock) => gameAPI.createSprite('rock', rock.x, rock.y, { scale: rock.radius / 50 }))
const ships = gameAPI.group((ship) => gameAPI.createSprite('ship', ship.x, ship.y, { tint: ship.color, depth: 2 }))
const shields = gameAPI.group((ship) =>
  gameAPI.createSprite('shield', ship.x, ship.y, { tint: ship.color, alpha: 0.7 }),
)
const names = gameAPI.group((ship, id) =>
  gameAPI.createText(nameOf(id, ship), ship.x, ship.y, { size: 20, color: ship.color, depth: 3, ...centered }),
)
const bars = gameAPI.group((ship) => gameAPI.createRect(ship.x, ship.y, 36, 4, { color: ship.color, depth: 3 }))
const bullets = gameAPI.group((b) =>
  gameAPI.createSprite('bullet', b.x, b.y, { tint: state.ships[b.by]?.color, rotation: Math.atan2(b.vy, b.vx) }),
)
const rows = gameAPI.group((row) =>
  gameAPI.createText('', 14, 0, { size: 24, bold: true, color: row.color, alpha: 0.8 }),
)
const clock = gameAPI.createText('', width - 14, 10, { size: 30, bold: true, originX: 1, alpha: 0.8 })
const shade = gameAPI.createRect(width / 2, height / 2, width, height, { color: '#0f1429', alpha: 0.75, depth: 5 })
const title = gameAPI.createText('', width / 2, 190, { size: 46, bold: true, depth: 6, ...centered })
const board = gameAPI.createText('', width / 2, 350, { size: 26, align: 'center', depth: 6, ...centered })
const hint = gameAPI.createText('Arrows and space, or hold a finger', width / 2, height - 56, {
  size: 24,
  color: '#aab4e0',
  depth: 4,
  ...centered,
})

let state // the newest one from the server
gameAPI.onState((next) => {
  state = next
  explodeWrecks()
  const alive = Object.fromEntries(Object.entries(state.ships).filter(([, ship]) => ship.respawn === 0))
  const shielded = Object.fromEntries(Object.entries(alive).filter(([, ship]) => ship.shield > 0))
  rocks.sync(state.rocks, (sprite, rock) => sprite.moveTo(rock.x, rock.y))
  ships.sync(alive, (sprite, ship) => {
    sprite.moveTo(ship.x, ship.y)
    sprite.type = ship.input.thrust || ship.input.target ? 'ship-flying' : 'ship' // another picture: with a flame
  })
  shields.sync(shielded, (sprite, ship) => sprite.moveTo(ship.x, ship.y))
  names.sync(alive, (text, ship) => text.moveTo(ship.x, ship.y - 40))
  bars.sync(alive, (bar, ship) => {
    bar.moveTo(ship.x, ship.y - 27)
    bar.width = ship.hp * 12
  })
  bullets.sync(state.bullets, (sprite, bullet) => sprite.moveTo(bullet.x, bullet.y))

  const ranking = Object.entries(state.ships).sort(([, a], [, b]) => b.score - a.score)
  rows.sync(Object.fromEntries(ranking), (text, ship, id) => {
    text.text = `${ship.score}  ${nameOf(id, ship)}`
    text.y = 12 + 28 * ranking.findIndex(([other]) => other === id)
  })
  showClock()
})

function showClock() {
  const seconds = Math.ceil(state.ticksLeft / 20)
  const rest = state.phase === 'break'
  shade.visible = rest
  clock.text = rest ? '' : `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
  clock.color = seconds <= 10 ? '#ff7a6b' : '#f4f1e8'
  title.text = rest ? headline() : ''
  const best = state.best.map((entry, i) => `${i + 1}.  ${entry.name.slice(0, 16)}  ${entry.score}`)
  if (best.length > 0) best.unshift('Best of all rounds')
  board.text = rest ? [...best, '', `Next round in ${seconds}`].join('\n') : ''
}

function headline() {
  if (!state.winner) return 'A draw!'
  return state.winner.id === me.id ? 'You win!' : `${nameOf(state.winner.id, state.winner)} wins!`
}

// Sparks fly for half a second; they live here only, the server knows nothing of them.
const sparks = []
const seen = new Map() // each ship's hit points and respawn before; `state` itself is one object that changes
function explodeWrecks() {
  for (const [id, { hp, respawn, color }] of Object.entries(state.ships)) {
    const before = seen.get(id)
    seen.set(id, { hp, respawn })
    const shot = before && hp < before.hp
    const wrecked = before?.respawn === 0 && respawn > 0
    const sprite = ships.get(id)
    if (!sprite || !(shot || wrecked)) continue
    for (let i = 0; i < (wrecked ? 16 : 4); i++) {
      const thing = gameAPI.createCircle(sprite.x, sprite.y, wrecked ? 4 : 2, { color, depth: 2 })
      const angle = Math.random() * Math.PI * 2
      const speed = 1 + Math.random() * 3
      sparks.push({ thing, vx: Math.cos(angle) * speed, vy: Math.sin(angle) * speed })
    }
  }
}

let sent = '' // the last message, to send only changes
gameAPI.onUpdate(() => {
  if (!state) return
  const { pointer } = gameAPI
  const target = pointer.down ? { x: Math.round(pointer.x), y: Math.round(pointer.y) } : null
  const input = { turn: keys.right - keys.left, thrust: keys.up, fire: keys.space || (pointer.down ? 1 : 0), target }
  const message = JSON.stringify(input)
  // Every third frame is 20 times a second: often enough for a finger, and far from the limit of 60 messages.
  if (message !== sent && gameAPI.getFrame() % 3 === 0) {
    gameAPI.send('steer', input)
    sent = message
    if (input.thrust || input.fire) hint.visible = false
  }

  // The angle is not glided by moveTo, so turn a part of the way each drawn frame.
  ships.forEach((sprite, id) => {
    const wish = state.ships[id].angle - sprite.rotation
    sprite.rotation += Math.atan2(Math.sin(wish), Math.cos(wish)) * 0.35
  })
  rocks.forEach((sprite, key) => {
    sprite.rotation += 0.004 * (Number(key) % 2 ? 1 : -1)
  })
  for (const spark of sparks) {
    spark.thing.x += spark.vx
    spark.thing.y += spark.vy
    spark.thing.alpha -= 0.035
  }
  while (sparks[0]?.thing.alpha <= 0) sparks.shift().thing.destroy()
})
