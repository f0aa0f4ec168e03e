/**
 * A stream's address as the client takes it: a path is one of the page's own server.
 *
 * @param origin of the page, like `https://example.com`
 */
export function streamAddress(url: string, origin: string): string {
  return url.startsWith('/') ? origin.replace(/^http/, 'ws') + url : url
}
