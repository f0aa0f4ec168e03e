/** What handshakes take from `node:crypto`; in browsers it is crypto.browser.ts. */
export { createDiffieHellman, createHmac, type DiffieHellman, randomBytes, timingSafeEqual } from 'node:crypto'
