import { type ParseResult, parse, parseExpression } from '@babel/parser'
import type { Path } from './path.ts'

type Node = Exclude<ParseResult['program']['body'][number], null>
type Expression = ReturnType<typeof parseExpression> extends ParseResult<infer Parsed> ? Parsed : never

/** A line and a column, both from 1. */
export interface Place {
  readonly line: number
  readonly column: number
}

/** What is wrong with how a file is written. */
export interface SyntaxProblem extends Place {
  readonly text: string
}

/** Where the settings of a configuration file stand in its text. Finds what is written as objects and lists. */
export class FilePlaces {
  readonly #root: Expression | undefined
  readonly #variables: ReadonlyMap<string, Expression>
  readonly syntaxProblem: SyntaxProblem | undefined

  constructor(text: string, isJson: boolean) {
    const variables = new Map<string, Expression>()
    this.#variables = variables
    try {
      if (isJson) this.#root = parseExpression(text)
      else {
        const { program } = parse(text, {
          sourceType: 'unambiguous',
          plugins: ['typescript'],
          allowReturnOutsideFunction: true,
        })
        for (const statement of program.body) noteVariables(statement, variables)
        this.#root = program.body.map(exported).find(found => found !== undefined)
      }
    } catch (error) {
      this.syntaxProblem = syntaxProblem(error as Error)
    }
  }

  /** Undefined for what is not in the text, or not to be found there. */
  of(path: Path): Place | undefined {
    let value = this.#resolved(this.#root)
    let place: Place | undefined
    for (const part of path) {
      const found = value && memberOf(value, part)
      if (found === undefined) return undefined
      place = placeOf(found.at)
      value = this.#resolved(found.value)
    }
    return place
  }

  /** Where the configuration begins. */
  get start(): Place | undefined {
    const root = this.#resolved(this.#root)
    return root && placeOf(root)
  }

  /** What a name, a type or a call like `defineConfig(…)` stands for. */
  #resolved(expression: Expression | undefined, depth = 0): Expression | undefined {
    if (expression === undefined || depth > 20) return undefined
    if (expression.type === 'Identifier') return this.#resolved(this.#variables.get(expression.name), depth + 1)
    if (
      expression.type === 'TSAsExpression' ||
      expression.type === 'TSSatisfiesExpression' ||
      expression.type === 'TSNonNullExpression' ||
      expression.type === 'ParenthesizedExpression'
    )
      return this.#resolved(expression.expression, depth + 1)
    if (expression.type === 'CallExpression') return this.#resolved(expression.arguments[0] as Expression, depth + 1)
    return expression
  }
}

function noteVariables(statement: Node, variables: Map<string, Expression>): void {
  const declaration = statement.type === 'ExportNamedDeclaration' ? statement.declaration : statement
  if (declaration?.type !== 'VariableDeclaration') return
  for (const { id, init } of declaration.declarations)
    if (id.type === 'Identifier' && init) variables.set(id.name, init)
}

/** What `export default` or `module.exports =` gives. */
function exported(statement: Node): Expression | undefined {
  if (statement.type === 'ExportDefaultDeclaration') return statement.declaration as Expression
  if (statement.type !== 'ExpressionStatement' || statement.expression.type !== 'AssignmentExpression') return undefined
  const { left, right } = statement.expression
  const isExports =
    left.type === 'MemberExpression' &&
    left.object.type === 'Identifier' &&
    left.object.name === 'module' &&
    left.property.type === 'Identifier' &&
    left.property.name === 'exports'
  return isExports ? right : undefined
}

function memberOf(value: Expression, part: string | number): { at: Located; value: Expression } | undefined {
  if (value.type === 'ArrayExpression') {
    const { elements } = value
    const isPlain = elements.slice(0, Number(part) + 1).every(element => element?.type !== 'SpreadElement')
    const element = typeof part === 'number' && isPlain ? elements[part] : undefined
    return element ? { at: element, value: element as Expression } : undefined
  }
  if (value.type !== 'ObjectExpression') return undefined
  // Of several the last one counts, unless something unknown comes behind it.
  for (const property of value.properties.toReversed()) {
    if (property.type === 'SpreadElement') return undefined
    const { key } = property
    const name =
      key.type === 'Identifier' && !property.computed ? key.name : key.type === 'StringLiteral' ? key.value : undefined
    if (name !== String(part)) continue
    return { at: property, value: (property.type === 'ObjectProperty' ? property.value : property) as Expression }
  }
  return undefined
}

interface Located {
  readonly loc?: { readonly start: { readonly line: number; readonly column: number } } | null
}

function placeOf({ loc }: Located): Place | undefined {
  return loc ? { line: loc.start.line, column: loc.start.column + 1 } : undefined
}

/** Babel's errors say where; the place at the end of their message is repeated in our own form. */
function syntaxProblem(error: Error & { loc?: { line: number; column: number } }): SyntaxProblem {
  const { line, column } = error.loc ?? { line: 1, column: 0 }
  return { line, column: column + 1, text: error.message.replace(/\s*\(\d+:\d+\)$/, '') }
}
