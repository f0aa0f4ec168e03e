import type { EventEmitter as NodeEventEmitter } from 'node:events'

type Name = string | symbol
interface Listener {
  (...args: unknown[]): void
  /** What was given to `once`, by which it can be removed. */
  given?: Listener
}

interface Emitter {
  /** A new list with each change: those that are being called do not change. */
  lists?: Map<Name, readonly Listener[]>
}

function listOf(emitter: Emitter, name: Name): readonly Listener[] {
  return emitter.lists?.get(name) ?? []
}

function setList<Self extends Emitter>(emitter: Self, name: Name, list: readonly Listener[]): Self {
  emitter.lists ??= new Map()
  if (list.length > 0) emitter.lists.set(name, list)
  else emitter.lists.delete(name)
  return emitter
}

function on<Self extends Emitter>(this: Self, name: Name, listener: Listener): Self {
  return setList(this, name, [...listOf(this, name), listener])
}

function prependListener<Self extends Emitter>(this: Self, name: Name, listener: Listener): Self {
  return setList(this, name, [listener, ...listOf(this, name)])
}

function off<Self extends Emitter>(this: Self, name: Name, listener: Listener): Self {
  const list = listOf(this, name)
  const index = list.findLastIndex(each => each === listener || each.given === listener)
  return index < 0 ? this : setList(this, name, list.toSpliced(index, 1))
}

function once<Self extends Emitter>(this: Self, name: Name, listener: Listener): Self {
  const wrapped: Listener = (...args) => {
    off.call(this, name, wrapped)
    listener.apply(this, args)
  }
  wrapped.given = listener
  return on.call(this, name, wrapped) as Self
}

const methods = {
  on,
  addListener: on,
  once,
  prependListener,
  off,
  removeListener: off,
  removeAllListeners<Self extends Emitter>(this: Self, name?: Name): Self {
    if (name === undefined) delete this.lists
    else this.lists?.delete(name)
    return this
  },
  emit(this: Emitter, name: Name, ...args: unknown[]): boolean {
    const list = listOf(this, name)
    if (list.length === 0 && name === 'error') throw args[0]
    for (const listener of list) listener.apply(this, args)
    return list.length > 0
  },
  listenerCount(this: Emitter, name: Name): number {
    return listOf(this, name).length
  },
  listeners(this: Emitter, name: Name): readonly Listener[] {
    return listOf(this, name).map(each => each.given ?? each)
  },
  eventNames(this: Emitter): readonly Name[] {
    return [...(this.lists?.keys() ?? [])]
  },
}

/** As much of Node's `EventEmitter` as clients and streams use. No class: streams of old call it without `new`. */
function PageEmitter(): void {}
Object.assign(PageEmitter.prototype as object, methods)

export const EventEmitter: typeof NodeEventEmitter = PageEmitter as unknown as typeof NodeEventEmitter
