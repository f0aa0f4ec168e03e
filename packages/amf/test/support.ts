import { AmfError, type AmfErrorCode, type AmfObject, type AmfValue } from '../src/index.ts'

/** Bytes from hex; blanks and line ends are for the reader. */
export function hex(text: string): Buffer {
  const digits = text.replaceAll(/\s/g, '')
  const bytes = Buffer.from(digits, 'hex')
  if (bytes.length * 2 !== digits.length) throw new Error(`not hex: ${text}`)
  return bytes
}

/** As decoded objects are: without a prototype. */
export function bare(properties: Record<string, AmfValue>): AmfObject {
  return Object.assign(Object.create(null), properties)
}

/** The code of the AmfError that `run` must throw; anything else it throws comes through. */
export function codeOf(run: () => unknown): AmfErrorCode | 'nothing thrown' {
  try {
    run()
    return 'nothing thrown'
  } catch (error) {
    if (error instanceof AmfError && error.name === 'AmfError') return error.code
    throw error
  }
}
