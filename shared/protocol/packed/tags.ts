// The first byte of a value, and of a change to one (SPEC, State in bytes).

// The first byte of a binary message; the frame as a varint follows, and then what the stream wrote.
export const FULL = 1
export const DELTA = 2

// A value.
export const SMALL = 0x80 // below it: the whole number itself
export const TEXT = 0x80 // + its length up to 31
export const SHAPED = 0xa0 // + the number of its shape up to 31
export const SHORT = 32
export const NULL = 0xc0
export const FALSE = 0xc1
export const TRUE = 0xc2
export const NUMBER = 0xc3 // zigzag varint
export const FLOAT32 = 0xc4
export const FLOAT64 = 0xc5
export const LONG_TEXT = 0xc6 // length, a byte each
export const WIDE_TEXT = 0xc7 // length, two bytes each
export const ARRAY = 0xc8 // count, values
export const OBJECT = 0xc9 // count, keys, values
export const SHAPED_MORE = 0xca // number of the shape, values
export const NEW_SHAPE = 0xcb // count, keys, values; gets the next number

// A change.
export const BY_7 = 0x80 // below it: zigzag of how much a number grew
export const BY_14 = 0x80 // and one more byte
export const BY_20 = 0xc0 // and two more bytes
export const MAX_BY = 1 << 20
export const SET = 0xd0 // a value follows
export const TOGGLE = 0xd1 // a boolean
export const SET_FLOAT32 = 0xd2
export const IN_OBJECT = 0xd8 // + LOST + GAINED
export const LOST = 1 // count, places
export const GAINED = 2 // count, keys, places, values
export const IN_ARRAY = 0xdc // + RESIZED
export const IN_SMALL = 0xe0 // + a bit for each place that changes, in an object of at most SMALL_KEYS keys
export const SMALL_KEYS = 5
export const RESIZED = 1 // new length; values of the places beyond the old one come last

/** Shapes that one stream learns at most, keys of one, and characters of all: all of them are sent to whoever joins. */
export const MAX_SHAPES = 256
export const MAX_SHAPE_KEYS = 32
export const MAX_SHAPE_CHARS = 16_384
