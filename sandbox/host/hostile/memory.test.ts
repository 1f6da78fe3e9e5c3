// What takes memory without end, says what it must not, or looks for a way out.
import { hostile } from './suite.ts'

hostile('memory', 3)

hostile('realm', 3)
