/** An element of XML without attributes: what stands in it is text, or other elements. */
export interface Element {
  readonly name: string
  readonly text: string
  readonly children: readonly Element[]
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

/** Reads XML as strictly as what {@link Element} can hold. @throws Error for anything else */
export function parseXml(text: string): Element {
  const [declaration = ''] = /^<\?xml version="1\.0" encoding="utf-8" \?>\s*/.exec(text) ?? []
  if (declaration === '') throw new Error('no declaration')
  let rest = text.slice(declaration.length).trimEnd()
  const take = (pattern: RegExp): RegExpExecArray | undefined => {
    const match = pattern.exec(rest) ?? undefined
    if (match !== undefined) rest = rest.slice(match[0].length)
    return match
  }
  const element = (): Element => {
    const [, name = '', empty] = take(/^<([a-z_]+)(\/)?>/) ?? fail('an element', rest)
    if (empty !== undefined) return { name, text: '', children: [] }
    const children: Element[] = []
    const raw = take(/^[^<]*/)?.[0] ?? ''
    while (!rest.startsWith(`</${name}>`)) {
      children.push(element())
      take(/^\s+/)
    }
    rest = rest.slice(name.length + 3)
    const decoded = raw.replace(
      /&([^;]*);?|>|(?![\t\n\r])\p{Cc}/gu,
      (bad, entity: string) => entities[entity] ?? fail('text', bad),
    )
    return { name, text: decoded, children }
  }
  const root = element()
  return rest === '' ? root : fail('the end', rest)
}

/** The element at the end of that path of names; of several, the first. */
export function at(element: Element | undefined, ...path: readonly string[]): Element | undefined {
  return path.reduce((found, name) => found?.children.find(child => child.name === name), element)
}

/** Names of what stands in an element. */
export function namesIn(element: Element | undefined): string[] {
  return element?.children.map(({ name }) => name) ?? []
}

function fail(wanted: string, found: string): never {
  throw new Error(`expected ${wanted}, found ${found.slice(0, 40)}`)
}
