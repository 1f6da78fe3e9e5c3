// A filled rectangle around its middle, and one that is only an outline.
gameAPI.createRect(200, 100, 120, 60, { color: '#00ff00' })
gameAPI.createRect(400, 100, 120, 60, { line: '#ff0000', lineWidth: 10 })
