import { percentDecoded } from './percent-decoded.ts'

/**
 * The parameters of a query, which may begin with its `?`, as `URLSearchParams` reads them. That alone would make U+FFFD
 * of bytes that are no UTF-8, and one key of many.
 */
export function parseQuery(query: string): URLSearchParams {
  const parameters = new URLSearchParams()
  if (query === '') return parameters
  for (const part of query.replace(/^\?/, '').split('&')) {
    if (part === '') continue
    const at = part.indexOf('=')
    const name = at < 0 ? part : part.slice(0, at)
    parameters.append(decoded(name), at < 0 ? '' : decoded(part.slice(at + 1)))
  }
  return parameters
}

function decoded(text: string): string {
  return percentDecoded(text.replaceAll('+', ' '))
}
