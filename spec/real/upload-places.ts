import type { Fault } from '../support/faults.js'

/**
 * Where an upload of so many bytes is cut, by a name. Both connections are reset but where it says
 * otherwise.
 */
export type Places = Record<string, Fault>

const KiB = 1024
const MiB = 1024 * KiB

// Its handshake, and the goodbye, are no upload.
const min = 4 * KiB

const at = (byte: number): Fault => ({ at: 'byte', byte })
const held = (byte: number): Fault => ({ at: 'byte', byte, hold: true })

/**
 * Around the sizes in which files are read, sent and kept, and at every step behind the last byte.
 */
export const manyPlaces = (size: number): Places => ({
  'the first byte': at(0),
  '64 KiB - 1': at(64 * KiB - 1),
  '64 KiB': at(64 * KiB),
  '64 KiB + 1': at(64 * KiB + 1),
  '256 KiB - 1': at(256 * KiB - 1),
  '256 KiB + 1': at(256 * KiB + 1),
  '1 MiB - 1': at(MiB - 1),
  '1 MiB + 1': at(MiB + 1),
  'the last byte - 1': at(size - 1),
  'the last byte': at(size),
  'a tail of 1 MiB': held(size - MiB),
  'a tail of 512 KiB': held(size - 512 * KiB),
  'a tail of one byte': held(size - 1),
  'before FIN': { at: 'fin' },
  'before the 226': { at: 'reply' },
  'before SIZE': { at: 'question' },
  'the control connections alone, 1 MiB': { ...at(MiB), what: 'control' },
  'the data connection alone, 1 MiB': { ...at(MiB), what: 'data' },
})

export const fewPlaces = (size: number): Places => ({
  '64 KiB': at(64 * KiB),
  'the last byte': at(size),
  'a tail of 512 KiB': held(size - 512 * KiB),
  'before the 226': { at: 'reply' },
  'before SIZE': { at: 'question' },
})

/** Bytes count as they are on the wire: these are some way behind those of the file. */
export const placesOverTls = (size: number): Places => ({
  '1 MiB': at(MiB),
  'a tail of 512 KiB': held(size - 512 * KiB),
  'before FIN': { at: 'fin', min },
  'before the 226': { at: 'reply', min },
  'before SIZE': { at: 'question', min },
})
