/** Something that has to be looked at when a time has come. */
export interface Due {
  dueAt: number
  /** Place in the queue; -1 outside. Only the queue writes it. */
  queueIndex: number
}

/** Whose deadline is next: a binary heap whose members know their places. */
export class DeadlineQueue<Member extends Due> {
  readonly #heap: Member[] = []

  get next(): Member | undefined {
    return this.#heap[0]
  }

  /** Puts a member where a deadline belongs; Infinity takes it out. */
  set(member: Member, dueAt: number): void {
    if (dueAt === Number.POSITIVE_INFINITY) {
      this.delete(member)
      return
    }
    const before = member.dueAt
    member.dueAt = dueAt
    if (member.queueIndex === -1) this.#rise(member, this.#heap.push(member) - 1)
    else if (dueAt < before) this.#rise(member, member.queueIndex)
    else if (dueAt > before) this.#sink(member, member.queueIndex)
  }

  delete(member: Member): void {
    const index = member.queueIndex
    if (index === -1) return
    member.queueIndex = -1
    const last = this.#heap.pop() as Member
    if (last === member) return
    this.#rise(last, index)
    this.#sink(last, last.queueIndex)
  }

  #rise(member: Member, from: number): void {
    let index = from
    while (index > 0) {
      const parent = (index - 1) >> 1
      const above = this.#heap[parent] as Member
      if (above.dueAt <= member.dueAt) break
      this.#put(above, index)
      index = parent
    }
    this.#put(member, index)
  }

  #sink(member: Member, from: number): void {
    let index = from
    for (;;) {
      let child = index * 2 + 1
      if (child >= this.#heap.length) break
      const [left, right] = [this.#heap[child] as Member, this.#heap[child + 1]]
      let below = left
      if (right !== undefined && right.dueAt < left.dueAt) {
        below = right
        child += 1
      }
      if (below.dueAt >= member.dueAt) break
      this.#put(below, index)
      index = child
    }
    this.#put(member, index)
  }

  #put(member: Member, index: number): void {
    this.#heap[index] = member
    member.queueIndex = index
  }
}
