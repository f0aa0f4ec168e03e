/** Who takes a subject. */
export interface Interested {
  readonly subject: string
}

class Branch<T> {
  readonly children = new Map<string, Branch<T>>()
  /** Those whose subject ends here. */
  readonly ends = new Set<T>()

  get isEmpty(): boolean {
    return this.children.size === 0 && this.ends.size === 0
  }
}

/** Which subscriptions a subject goes to: a tree by its tokens. */
export class Interest<T extends Interested> {
  readonly #root = new Branch<T>()
  /** What subjects have been found to match since the last change. */
  readonly #found = new Map<string, readonly T[]>()

  add(taker: T): void {
    this.#found.clear()
    let branch = this.#root
    for (const token of taker.subject.split('.')) {
      let child = branch.children.get(token)
      if (child === undefined) branch.children.set(token, (child = new Branch()))
      branch = child
    }
    branch.ends.add(taker)
  }

  remove(taker: T): void {
    this.#found.clear()
    remove(this.#root, taker, taker.subject.split('.'), 0)
  }

  /** @returns in the order of their subjects' kinds, exact ones first; valid until the next change */
  of(subject: string): readonly T[] {
    const known = this.#found.get(subject)
    if (known !== undefined) return known
    const found: T[] = []
    collect(this.#root, subject.split('.'), 0, found)
    if (this.#found.size > 10_000) this.#found.clear()
    this.#found.set(subject, found)
    return found
  }

  /** Whether nobody takes anything. */
  get isEmpty(): boolean {
    return this.#root.isEmpty
  }
}

function remove<T>(branch: Branch<T>, taker: T, tokens: readonly string[], depth: number): void {
  const token = tokens[depth]
  if (token === undefined) return void branch.ends.delete(taker)
  const child = branch.children.get(token)
  if (child === undefined) return
  remove(child, taker, tokens, depth + 1)
  if (child.isEmpty) branch.children.delete(token)
}

function collect<T>(branch: Branch<T>, tokens: readonly string[], depth: number, found: T[]): void {
  const token = tokens[depth]
  if (token === undefined) return addAll(found, branch.ends)
  const exact = branch.children.get(token)
  if (exact !== undefined) collect(exact, tokens, depth + 1, found)
  const any = branch.children.get('*')
  if (any !== undefined) collect(any, tokens, depth + 1, found)
  const rest = branch.children.get('>')
  if (rest !== undefined) addAll(found, rest.ends)
}

function addAll<T>(found: T[], ends: Iterable<T>): void {
  for (const end of ends) found.push(end)
}
