/** Aborted by the first Ctrl+C or SIGTERM; the second one ends the process at once. */
export function interruption(): AbortSignal {
  const abort = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => abort.abort())
  return abort.signal
}
