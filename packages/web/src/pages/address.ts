/** A stream of this server. */
export interface StreamName {
  /** Application, perhaps with its instance: `live`, `live/room`. */
  readonly app: string
  /** Name, without a query. */
  readonly name: string
}

/** Where a page is, as `location` says it. */
export interface PageAddress {
  readonly protocol: string
  /** With the port, if it is another than the usual. */
  readonly host: string
}

/** Path of the page that plays a stream. */
export function watchPath(stream: StreamName): string {
  return `/watch${encoded(stream)}`
}

/** Path of FLV over HTTP. */
export function flvPath(stream: StreamName): string {
  return `${encoded(stream)}.flv`
}

/** Path of the playlist of HLS. */
export function hlsPath(stream: StreamName): string {
  return `${encoded(stream)}/index.m3u8`
}

/** The stream that a page plays, by the page's path; undefined when it names none. */
export function watched(path: string): StreamName | undefined {
  const [, ...parts] = path.replace(/^\/|\/$/g, '').split('/')
  const names = parts.map(decoded)
  const name = names.pop()
  if (name === undefined || names.length === 0 || names.includes('') || name === '') return undefined
  return { app: names.join('/'), name }
}

/**
 * URL of an application, and of a stream. Names stand in it as they are: the client neither encodes nor decodes them.
 *
 * @param page the page's own address
 * @param query for gates, without `?`; it is sent to the server alone, and stands in no log of HTTP
 */
export function applicationUrl(page: PageAddress, app: string): string {
  return `${page.protocol === 'https:' ? 'wss' : 'ws'}://${page.host}/${app}`
}

export function streamUrl(page: PageAddress, { app, name }: StreamName, query: string): string {
  return `${applicationUrl(page, app)}/${name}${query === '' ? '' : `?${query}`}`
}

/** What is typed into the form of a publisher: the name may be a whole stream key, `name?key=…`. */
export function typed(app: string, name: string): StreamName & { readonly query: string } {
  const [path = '', ...queries] = name.trim().split('?')
  return { app: app.trim().replace(/^\/+|\/+$/g, ''), name: path, query: queries.join('?') }
}

function encoded({ app, name }: StreamName): string {
  return [...app.split('/'), name].map(part => `/${encodeURIComponent(part)}`).join('')
}

/** A broken escape is text. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
