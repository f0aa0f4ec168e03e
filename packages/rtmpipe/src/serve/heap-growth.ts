import type { Plugin } from '@rtmpipe/session'
import { setFlagsFromString } from 'node:v8'

/** Percent that the old generation may grow by until it is collected. V8 itself takes from 10 to 300, by how busy it is. */
const [tightly, widely] = [30, 300]

/** What a server does that V8 knows nothing of. */
export interface HeapUse {
  /** It sends datagrams. */
  readonly datagrams?: boolean
  /** It sends streams to other machines. */
  readonly cluster?: boolean
}

/**
 * Keeps V8's young generation as small as it begins until something is published. A thousand connections that come at
 * once and stay make it grow to its limit, and it does not shrink again: on a server where nothing happens that is as much
 * as the connections themselves. Media needs the room: without it garbage collection costs half as much CPU again.
 *
 * Where there are datagrams neither generation grows freely. Each datagram leaves little JavaScript, but memory outside of
 * the heap, which goes with it: collections that come sooner cost no more CPU, and players take half the memory.
 *
 * In a cluster the old generation grows widely. What comes from other machines is read into memory outside of the heap, and
 * V8 counts that as growth of a heap that is small: it would mark all of it several times a second.
 */
export function heapGrowth({ datagrams = false, cluster = false }: HeapUse): Plugin {
  setYoungGrowth(1)
  if (datagrams || cluster) setFlagsFromString(`--heap-growing-percent=${datagrams ? tightly : widely}`)
  return { name: 'heap growth', onPublishStart: () => setYoungGrowth(datagrams ? 1 : 2) }
}

/** How much larger V8 makes the young generation at a time; 2 is V8's default. */
function setYoungGrowth(factor: number): void {
  setFlagsFromString(`--semi-space-growth-factor=${factor}`)
}
