import { extname } from 'node:path'

/** What a `.part` is to be called and which process writes it; undefined for other files. */
export function parsePartName(path: string): { readonly name: string; readonly pid: number } | undefined {
  const [, name, pid] = /^(.*\.(?:flv|mp4))\.(\d{1,10})\.part$/s.exec(path) ?? []
  return name === undefined ? undefined : { name, pid: Number(pid) }
}

/** The `.part` of this process for a file. */
export function partOf(name: string): string {
  return `${name}.${process.pid}.part`
}

/** A name, or the next one when it is taken: `cam.flv`, `cam~2.flv`, … The names of streams have no `~` and digits at their end. */
export function numberedName(name: string, number: number): string {
  if (number === 1) return name
  const extension = extname(name)
  return `${name.slice(0, name.length - extension.length)}~${number}${extension}`
}
