// The rules of W3, after Nakama's published workload 6: messages wait for the 10 Hz frame, an echo goes to its sender, a shout to all.
export const TICK_RATE = 10
export const PLAYERS = 10
export const TABLES = {}
