import { readFileSync } from 'node:fs'

/** A file of `fixtures/`, made by OpenSSL. */
export const fixture = (name: string): string => readFileSync(new URL(`fixtures/${name}.pem`, import.meta.url), 'utf8')
