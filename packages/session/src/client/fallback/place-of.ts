/** Ports of URLs that name none. */
export const defaultPorts: Readonly<Record<string, string>> = {
  rtmp: '1935',
  rtmpe: '1935',
  rtmps: '443',
  rtmpts: '443',
  rtmpt: '80',
  rtmpte: '80',
  rtmfp: '1935',
  ws: '80',
  wss: '443',
  'rtmp+ws': '80',
  'rtmp+wss': '443',
}

/** Scheme, host and port of a URL, also where it names no port. */
export function placeOf(url: URL): string {
  const scheme = schemeOf(url)
  const port = url.port || defaultPorts[scheme]
  return `${scheme}://${url.hostname.toLowerCase()}${port === undefined ? '' : `:${port}`}`
}

/** Without its colon. */
export function schemeOf({ protocol }: URL): string {
  return protocol.slice(0, -1)
}
