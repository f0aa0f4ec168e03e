/** Members of groups, for counting. */
export class Members<Member extends object> {
  readonly #groups = new Map<string, Set<Member>>()

  count(group: string): number {
    return this.#groups.get(group)?.size ?? 0
  }

  /** Members of a group, in the order in which they came. */
  of(group: string): Iterable<Member> {
    return this.#groups.get(group) ?? []
  }

  add(group: string, member: Member): void {
    const members = this.#groups.get(group)
    if (members === undefined) this.#groups.set(group, new Set([member]))
    else members.add(member)
  }

  delete(group: string, member: Member): void {
    const members = this.#groups.get(group)
    if (members?.delete(member) === true && members.size === 0) this.#groups.delete(group)
  }
}
