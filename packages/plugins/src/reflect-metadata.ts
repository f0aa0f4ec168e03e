import { createRequire } from 'node:module'

// reflect-metadata, which tsyringe needs when a user's classes import it after us. It is required, not imported: Node
// parses imported CommonJS twice, which takes 5 MB.
createRequire(import.meta.url)('reflect-metadata')
