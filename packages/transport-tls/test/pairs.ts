import { createSelfSignedCertificate } from '../src/index.ts'

/** Made once a run: a key takes a tenth of a second. */
export const [pair, otherPair, expiredPair] = await Promise.all([
  createSelfSignedCertificate({ hosts: ['memory', 'live.example.com'] }),
  createSelfSignedCertificate({ hosts: ['other.example.com'] }),
  createSelfSignedCertificate({ days: -1 / 100 }),
])
