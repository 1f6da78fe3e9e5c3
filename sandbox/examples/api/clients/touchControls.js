// A stick and a button for players without a keyboard. They hold down keys, so the rest of the game reads keys only.
gameAPI.touchControls({ stick: true, buttons: { Jump: 'space' }, show: 'always' })
const hero = gameAPI.createRect(400, 300, 40, 40)
gameAPI.onUpdate(() => {
  hero.x += 5 * (gameAPI.keys.right - gameAPI.keys.left)
  hero.color = gameAPI.keys.space ? '#00ff00' : '#ffffff'
})
