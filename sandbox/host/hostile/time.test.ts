// What takes time without end.
import { hostile } from './suite.ts'

hostile('time', 3)
hostile('builtins', 5)
