/** What keeps the process alive, counted by kind. */
export function resources(): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const kind of process.getActiveResourcesInfo()) counts.set(kind, (counts.get(kind) ?? 0) + 1)
  return counts
}

/** The kinds of which there are more than before, but for those that are `ignored`. */
export function surplus(before: ReadonlyMap<string, number>, ignored: readonly string[] = []): string[] {
  const more = [...resources()].filter(([kind, count]) => count > (before.get(kind) ?? 0))
  return more.map(([kind]) => kind).filter(kind => !ignored.includes(kind))
}
