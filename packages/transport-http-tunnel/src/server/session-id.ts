import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
const BASE = ALPHABET.length
/** Bytes from here on would make the first letters likelier than others. */
const FAIR = 256 - (256 % BASE)
/** More bytes than are ever needed for fair letters of one part. */
const BYTES = 64

/** Characters of the time in milliseconds: a hundred years. */
const TIME_LENGTH = 7
/** Characters of the random part, and of the signature: 130 bits each. */
const PART_LENGTH = 22
const TAIL_LENGTH = TIME_LENGTH + 2 * PART_LENGTH

/** Characters of a process's name: FFmpeg has room for an id of 63. */
const MAX_NAME_LENGTH = 63 - TAIL_LENGTH

/** Whether ids can begin with it. */
export function isProcessName(name: string): boolean {
  return name.length <= MAX_NAME_LENGTH && /^[A-Za-z0-9]*$/.test(name)
}

/**
 * Makes and knows session ids without remembering any: the name of this process, the time, random letters, and a
 * signature over these and over whom the id is for. Letters and digits only: clients put an id into a path as it is.
 */
export class SessionIds {
  readonly #name: string
  readonly #secret = randomBytes(32)

  /** @param name of this process, of letters and digits; may be empty where no other takes its requests */
  constructor(name: string) {
    this.#name = name
  }

  /** An id for `opener`. */
  create(opener: string, now: number): string {
    const head = this.#name + timeLetters(now) + letters(randomBytes(BYTES))
    return head + this.#sign(head, opener)
  }

  /** Whether `opener` was given this id no more than `lifetime` milliseconds ago. */
  isValid(id: string, opener: string, now: number, lifetime: number): boolean {
    if (id.length !== this.#name.length + TAIL_LENGTH || !/^[A-Za-z0-9]*$/.test(id)) return false
    const handle = handleOf(id)
    if (!isSameProof(id, handle + this.#sign(handle, opener))) return false
    return now - timeOf(id) <= lifetime
  }

  #sign(head: string, opener: string): string {
    return letters(createHmac('sha512', this.#secret).update(`${head} ${opener}`).digest())
  }
}

/** The name of the process that gave an id; undefined for what cannot be an id, of which nothing may go into a path. */
export function processNameOf(id: string): string | undefined {
  const name = id.slice(0, -TAIL_LENGTH)
  return id.length >= TAIL_LENGTH && isProcessName(name) && /^[A-Za-z0-9]*$/.test(id) ? name : undefined
}

/**
 * What a session may be looked up by; how long a lookup takes then tells nothing of the signature, which proves that the
 * client was given the id.
 */
export function handleOf(id: string): string {
  return id.slice(0, -PART_LENGTH)
}

/** Whether two ids have the same signature, in a time that does not depend on where they differ. */
export function isSameProof(left: string, right: string): boolean {
  const [ours, theirs] = [proofOf(left), proofOf(right)]
  return ours.length === theirs.length && timingSafeEqual(ours, theirs)
}

function proofOf(id: string): Buffer {
  return Buffer.from(id.slice(-PART_LENGTH))
}

function timeOf(id: string): number {
  let time = 0
  for (const letter of id.slice(-TAIL_LENGTH, -2 * PART_LENGTH)) time = time * BASE + ALPHABET.indexOf(letter)
  return time
}

function timeLetters(now: number): string {
  let text = ''
  for (let left = Math.floor(now); text.length < TIME_LENGTH; left = Math.floor(left / BASE)) {
    text = ALPHABET.charAt(left % BASE) + text
  }
  return text
}

/** Letters and digits of bytes, each as likely as any other. */
function letters(bytes: Buffer): string {
  let text = ''
  for (const byte of bytes) if (byte < FAIR && text.length < PART_LENGTH) text += ALPHABET.charAt(byte % BASE)
  return text
}
