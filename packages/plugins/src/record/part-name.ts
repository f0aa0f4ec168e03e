import { extname } from 'node:path'

/** The final name of a `.part`, and the process that writes it; undefined for other files. */
export function parsePartName(path: string): { readonly name: string; readonly pid: number } | undefined {
  const [, name, pid] = /^(.*\.(?:flv|mp4))\.(\d{1,10})\.part$/s.exec(path) ?? []
  return name === undefined ? undefined : { name, pid: Number(pid) }
}

/** The `.part` of this process for a file. */
export function partOf(name: string): string {
  return `${name}.${process.pid}.part`
}

/**
 * A name, or the next one if it is taken: `cam.flv`, `cam~2.flv`, … Names made of streams never end in `~` and digits.
 */
export function numberedName(name: string, number: number): string {
  if (number === 1) return name
  const extension = extname(name)
  return `${name.slice(0, name.length - extension.length)}~${number}${extension}`
}
