const { setImmediate } = globalThis

/** Resolves in the next turn of the event loop. */
export function turn(): Promise<void> {
  return new Promise(resolve => void setImmediate(resolve))
}

/** A message takes two turns to the server and on to a player; this is enough for several servers in a row. */
const turnsToSettle = 20

/**
 * Resolves when messages in memory have arrived and whoever hears of them has been told, notices included. It passes no
 * time and does not wait for disks, sockets or threads.
 */
export async function settled(): Promise<void> {
  for (let count = 0; count < turnsToSettle; count += 1) await turn()
}
