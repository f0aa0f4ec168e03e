import { fileURLToPath } from 'node:url'
import type { Subject } from './subject.ts'

const program = fileURLToPath(new URL('../node-floor.js', import.meta.url))

/** What plain sockets of Node allow, with so many milliseconds of merging. */
export function nodeFloor(window: number): Subject {
  return {
    name: `plain sockets --merge-window ${window}`,
    reference: true,
    version: async () => `Node ${process.version}`,
    command: ({ rtmp }) => ({ file: process.execPath, args: [program, String(rtmp), String(window)] }),
  }
}
