// I24: a state nested 200,000 deep
import { attack } from '../attack.ts'

export default attack({
  action: `let deep = []
    for (let i = 0; i < 200_000; i++) deep = [deep]
    state.found = deep`,
  budgets: { frameMs: 750 },
  ends: 'action',
  why: /^StateError: state\.found\[0\].*nested more than 64 levels deep.*$/,
})
