// Text of games and players, for places that show it as it is: a terminal, a log.

const TURNING = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu // marks that turn the text around them, and could make one line look like another
const CONTROL = /[^\P{Cc}\n\t]/gu // begins what steers a terminal
const PICTURES = 0x2400 // the characters that show control characters, such as ␛

/** The same text with control characters and marks of direction to be seen; ends of lines and tabs stay. */
export const visible = (text: string): string =>
  text.replace(TURNING, '\ufffd').replace(CONTROL, (character) => {
    const code = character.charCodeAt(0)
    return code < 0x20 ? String.fromCharCode(PICTURES + code) : code === 0x7f ? '\u2421' : '\ufffd'
  })

/** The same on one line. */
export const visibleLine = (text: string): string =>
  visible(text).replace(/[\n\t]/g, (gap) => (gap === '\n' ? '⏎' : ' '))
