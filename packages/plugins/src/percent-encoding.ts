export { percentDecoded } from '@rtmpipe/session'

/** Every byte of it as `%XX`. */
export function percentEncoded(text: string): string {
  return [...Buffer.from(text)].map(byte => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('')
}
