import { createRequire } from 'node:module'

// What tsyringe wants to be there when a user's classes import it after us. Required, because Node reads CommonJS twice when
// it is imported, which takes 5 MB.
createRequire(import.meta.url)('reflect-metadata')
