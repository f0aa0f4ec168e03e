import { createDiffieHellman, type DiffieHellman, getDiffieHellman, randomBytes } from 'node:crypto'

/** Groups of Diffie-Hellman (RFC 7425 §4.2), by their numbers in the IKE protocols. */
export const groups = [2, 5, 14, 16] as const
export type Group = (typeof groups)[number]

/** Node's name, and bytes of a private key that are as strong as the group. */
const known: Record<Group, { readonly name: string; readonly secretLength: number }> = {
  2: { name: 'modp2', secretLength: 28 },
  5: { name: 'modp5', secretLength: 32 },
  14: { name: 'modp14', secretLength: 40 },
  16: { name: 'modp16', secretLength: 60 },
}

export function isGroup(group: number): group is Group {
  return (groups as readonly number[]).includes(group)
}

/** A private key and what others are told of it. */
export interface KeyPair {
  readonly group: Group
  readonly privateKey: Buffer
  /** Big-endian, without leading zeros. */
  readonly publicKey: Buffer
}

/** Making one costs up to 27 ms, because the prime is checked: each process has one of each. */
const made = new Map<Group, DiffieHellman>()

function diffieHellman(group: Group): DiffieHellman {
  const known = made.get(group)
  if (known !== undefined) return known
  const object = createDiffieHellman(primeOf(group), 2)
  made.set(group, object)
  return object
}

function primeOf(group: Group): Buffer {
  return getDiffieHellman(known[group].name).getPrime()
}

/** A new pair. @param privateKey for tests: the private half */
export function makeKeyPair(group: Group, privateKey: Buffer = randomBytes(known[group].secretLength)): KeyPair {
  const object = diffieHellman(group)
  object.setPrivateKey(privateKey)
  // Works out the public half of the private one that is set.
  object.generateKeys()
  return { group, privateKey, publicKey: withoutLeadingZeros(object.getPublicKey()) }
}

/** The secret of two pairs, without leading zeros; undefined for a public key that gives it away (RFC 7425 §4.6.2). */
export function sharedSecret({ group, privateKey }: KeyPair, publicKey: Buffer): Buffer | undefined {
  if (!isSafe(group, publicKey)) return undefined
  const object = diffieHellman(group)
  object.setPrivateKey(privateKey)
  return withoutLeadingZeros(object.computeSecret(publicKey))
}

const LEAST = 1n << 24n
/** Ones and zeros that a public key has to have. */
const LEAST_BITS = 16

function isSafe(group: Group, publicKey: Buffer): boolean {
  if (publicKey.length === 0 || publicKey.length > primeOf(group).length) return false
  const key = BigInt(`0x${publicKey.toString('hex')}`)
  if (key < LEAST || key > BigInt(`0x${primeOf(group).toString('hex')}`) - LEAST) return false
  const bits = key.toString(2)
  let ones = 0
  for (const bit of bits) if (bit === '1') ones += 1
  return ones >= LEAST_BITS && bits.length - ones >= LEAST_BITS
}

function withoutLeadingZeros(bytes: Buffer): Buffer {
  let start = 0
  while (start < bytes.length - 1 && bytes[start] === 0) start += 1
  return bytes.subarray(start)
}
