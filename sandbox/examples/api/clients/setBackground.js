gameAPI.setBackground('#00ff00')
