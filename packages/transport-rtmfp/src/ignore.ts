/** An end is seen by whoever uses what has ended; with nobody there it must not end the process. */
export function ignore(): void {}
