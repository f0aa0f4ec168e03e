/**
 * The parameters that came with a stream name: those that `connect` did not bring. Escaped no more than is needed, so that
 * usual tokens read as they were sent.
 */
export function streamQuery(query: URLSearchParams, ofConnection: URLSearchParams): string {
  return encodeQuery([...query].filter(([name, value]) => ofConnection.get(name) !== value))
}

/** Parameters as a query without question mark. */
export function encodeQuery(parameters: Iterable<readonly [string, string]>): string {
  return [...parameters].map(([name, value]) => `${escape(name)}=${escape(value).replaceAll('%3D', '=')}`).join('&')
}

function escape(text: string): string {
  return encodeURIComponent(text).replace(/%(?:2F|3A|2C|40|24)/g, decodeURIComponent)
}
