/** Something that happens at a time. */
export interface TimedEvent {
  /** Milliseconds. */
  time: number
  /** Given by the queue: of two at the same time, the one that was added first comes first. */
  order: number
  run(): void
}

/** What is going to happen, earliest first: a binary heap. */
export class EventQueue {
  readonly #heap: TimedEvent[] = []
  #order = 0

  get length(): number {
    return this.#heap.length
  }

  get first(): TimedEvent | undefined {
    return this.#heap[0]
  }

  add(event: TimedEvent): void {
    this.#order += 1
    event.order = this.#order
    const heap = this.#heap
    let index = heap.length
    heap.push(event)
    while (index > 0) {
      const parent = (index - 1) >> 1
      const above = heap[parent] as TimedEvent
      if (isBefore(above, event)) break
      heap[index] = above
      index = parent
    }
    heap[index] = event
  }

  /** Takes the first out. */
  shift(): TimedEvent | undefined {
    const heap = this.#heap
    const first = heap[0]
    const last = heap.pop()
    if (last === undefined || last === first) return first
    const { length } = heap
    let index = 0
    for (;;) {
      let child = 2 * index + 1
      if (child >= length) break
      const right = child + 1
      if (right < length && isBefore(heap[right] as TimedEvent, heap[child] as TimedEvent)) child = right
      const below = heap[child] as TimedEvent
      if (isBefore(last, below)) break
      heap[index] = below
      index = child
    }
    heap[index] = last
    return first
  }
}

function isBefore(one: TimedEvent, other: TimedEvent): boolean {
  return one.time < other.time || (one.time === other.time && one.order < other.order)
}
