import { createScanner, type Node, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser'
import type { Path } from './path.ts'

/** A line and a column, both from 1. */
export interface Place {
  readonly line: number
  readonly column: number
}

/** What is wrong with how a file is written. */
export interface SyntaxProblem extends Place {
  readonly text: string
}

/** Lists and objects in one another; the parser would use up the stack. */
const maxDepth = 256

/** JSON as people write it, with comments and commas at the end, and where everything stands in it. */
export class JsonFile {
  readonly #text: string
  readonly #root: Node | undefined
  readonly syntaxProblem: SyntaxProblem | undefined

  constructor(text: string) {
    // A byte order mark is nothing to complain of.
    this.#text = text.replace(/^\uFEFF/, ' ')
    const tooDeep = tooDeepAt(this.#text)
    if (tooDeep !== undefined) {
      const text = `more than ${maxDepth} lists and objects in one another`
      this.syntaxProblem = { ...this.#placeOf(tooDeep), text }
      return
    }
    const errors: ParseError[] = []
    this.#root = parseTree(this.#text, errors, { allowTrailingComma: true })
    const [first] = errors
    if (first !== undefined) this.syntaxProblem = { ...this.#placeOf(first.offset), text: problemText(first) }
  }

  /** What stands there; of use where the syntax is right. */
  get value(): unknown {
    return this.#root && valueOf(this.#root)
  }

  /** Where a setting begins, or undefined for what is not in the text. */
  of(path: Path): Place | undefined {
    let found = this.#root
    let place = found
    for (const part of path) {
      const member = found && memberOf(found, part)
      if (member === undefined) return undefined
      place = member
      found = member.type === 'property' ? member.children?.[1] : member
    }
    return place && this.#placeOf(place.offset)
  }

  #placeOf(offset: number): Place {
    const lines = this.#text.slice(0, offset).split('\n')
    return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 }
  }
}

/** Where the first list or object stands that is nested too deeply. */
function tooDeepAt(text: string): number | undefined {
  const scanner = createScanner(text, true)
  let depth = 0
  for (;;) {
    scanner.scan()
    const at = scanner.getTokenOffset()
    if (at >= text.length) return undefined
    const first = text[at]
    if (first === '{' || first === '[') depth += 1
    if (first === '}' || first === ']') depth -= 1
    if (depth > maxDepth) return at
  }
}

/** Of several with one name the last one counts. */
function memberOf({ type, children = [] }: Node, part: string | number): Node | undefined {
  if (type === 'array') return typeof part === 'number' ? children[part] : undefined
  return type === 'object' ? children.findLast(({ children: [name] = [] }) => name?.value === String(part)) : undefined
}

/** The parser's own puts a name like `__proto__` where it does not belong. */
function valueOf({ type, children = [], value }: Node): unknown {
  if (type === 'array') return children.map(valueOf)
  if (type !== 'object') return value
  return Object.fromEntries(
    children.map(({ children: [name, inner] = [] }) => [name?.value, inner === undefined ? undefined : valueOf(inner)]),
  )
}

/** Nothing of the text, which may be secret. */
function problemText({ error }: ParseError): string {
  switch (printParseErrorCode(error)) {
    case 'CommaExpected':
      return 'expected a comma'
    case 'ColonExpected':
      return 'expected a colon'
    case 'PropertyNameExpected':
      return 'expected a name in double quotes'
    case 'ValueExpected':
      return 'expected a value'
    case 'CloseBraceExpected':
      return 'expected }'
    case 'CloseBracketExpected':
      return 'expected ]'
    case 'EndOfFileExpected':
      return 'expected nothing more'
    case 'UnexpectedEndOfComment':
      return 'this comment does not end'
    default:
      return 'this is not JSON: names and texts stand in double quotes'
  }
}
