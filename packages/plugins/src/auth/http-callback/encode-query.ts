/**
 * Parameters as a query without question mark, escaped no more than is needed, so that usual tokens read as they were
 * sent.
 */
export function encodeQuery(parameters: Iterable<readonly [string, string]>): string {
  return [...parameters].map(([name, value]) => `${escape(name)}=${escape(value).replaceAll('%3D', '=')}`).join('&')
}

function escape(text: string): string {
  return encodeURIComponent(text).replace(/%(?:2F|3A|2C|40|24)/g, decodeURIComponent)
}
