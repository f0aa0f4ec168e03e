import type { Logger } from '@rtmpipe/session'

/** A logger that keeps everything, of every level, as one text per line. */
export function logLines(lines: string[], fields: object = {}): Logger {
  const note = (more: object, message: string) => {
    // Errors have nothing that JSON sees.
    const shown = Object.entries({ ...fields, ...more }).map(([name, value]) =>
      value instanceof Error ? [name, `${value.stack}`] : [name, value],
    )
    lines.push(JSON.stringify([Object.fromEntries(shown), message]))
  }
  return { debug: note, info: note, warn: note, error: note, child: more => logLines(lines, { ...fields, ...more }) }
}
