// assets/walk.svg has two pictures of 40 by 40 side by side; this sprite shows the second.
gameAPI.sheet('walk', 40, 40)
gameAPI.createSprite('walk', 100, 100, { frame: 1, scale: 2 })
