import type { Plugin } from '@rtmpipe/session'
import { setFlagsFromString } from 'node:v8'

/** Percent that the old generation may grow by until it is collected. V8's default goes up to 300. */
const tightly = 30

/**
 * Keeps V8's young generation as small as it begins until something is published. A thousand connections that come at
 * once and stay make it grow to its limit, and it does not shrink again: on a server where nothing happens that is as much
 * as the connections themselves. Media needs the room: without it garbage collection costs half as much CPU again.
 *
 * Where there are datagrams neither generation grows freely. Each datagram leaves little JavaScript, but memory outside of
 * the heap, which goes with it: collections that come sooner cost no more CPU, and players take half the memory.
 */
export function heapGrowth(hasDatagrams: boolean): Plugin {
  setYoungGrowth(1)
  if (hasDatagrams) setFlagsFromString(`--heap-growing-percent=${tightly}`)
  return { name: 'heap growth', onPublishStart: () => setYoungGrowth(hasDatagrams ? 1 : 2) }
}

/** How much larger V8 makes the young generation at a time; 2 is V8's default. */
function setYoungGrowth(factor: number): void {
  setFlagsFromString(`--semi-space-growth-factor=${factor}`)
}
