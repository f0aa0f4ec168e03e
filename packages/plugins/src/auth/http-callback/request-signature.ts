import { createHmac } from 'node:crypto'

/** Value of `X-Rtmpipe-Signature`. @param seconds since 1970 */
export function requestSignature(secret: string, body: string, seconds: number): string {
  return `t=${seconds},v1=${createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')}`
}
