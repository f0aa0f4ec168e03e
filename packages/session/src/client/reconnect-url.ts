import { ProtocolError } from '@rtmpipe/chunk-stream'

/**
 * Where a server that asks to connect again wants us (Enhanced RTMP v2): absolute, or relative to where we are.
 *
 * @throws ProtocolError `RTMP_ERR_RECONNECT` for what is no URL with a host, or one of another scheme: what was asked
 *   to be encrypted stays so
 */
export function reconnectUrl(current: string, wanted: string): string {
  if (wanted === '') return current
  if (wanted.length > 8_192 || !URL.canParse(wanted, current)) throw refused('no URL to connect to')
  const [from, to] = [new URL(current), new URL(wanted, current)]
  if (to.hostname === '') throw refused('no URL to connect to')
  if (to.protocol !== from.protocol) throw refused(`${to.protocol} instead of ${from.protocol}`)
  to.username = to.password = ''
  return to.href
}

function refused(why: string): ProtocolError {
  return new ProtocolError('command', 'RTMP_ERR_RECONNECT', `the server asks to connect again: ${why}`)
}
