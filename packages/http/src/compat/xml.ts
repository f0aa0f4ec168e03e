/** What stands in an element: text, a number, elements in their order, or nothing (`''`). */
export type XmlContent = string | number | readonly XmlElement[]

/** An element: its name and what stands in it. */
export type XmlElement = readonly [name: string, content: XmlContent]

/** Elements as text, one after another. */
export function xml(elements: readonly XmlElement[]): string {
  return elements.map(element).join('')
}

function element([name, content]: XmlElement): string {
  if (content === '') return `<${name}/>`
  const inner = typeof content === 'object' ? xml(content) : escaped(String(content))
  return `<${name}>${inner}</${name}>`
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
}

/** Names come from clients: what XML 1.0 has no way to write becomes a replacement character. */
function escaped(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '\uFFFD')
    .replace(/[&<>"']/g, character => entities[character] ?? '')
}
