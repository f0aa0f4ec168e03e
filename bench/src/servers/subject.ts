import type { TemporaryFolder } from './temporary-folder.ts'

/** How to start a server. */
export interface Command {
  readonly file: string
  readonly args: readonly string[]
}

/** Where a server shall listen, on 127.0.0.1. */
export interface Ports {
  readonly rtmp: number
  readonly rtmpt: number
  /** Only where it is what is measured: it makes a certificate. */
  readonly rtmpts: number | undefined
  /** UDP; only where it is what is measured, as not every server has it. */
  readonly rtmfp: number | undefined
}

/** A server that is measured. */
export interface Subject {
  readonly name: string
  /** Not ours: its changes tell of the machine. */
  readonly reference: boolean
  /** Its version, or an error that says why it can't be measured here. */
  version(): Promise<string>
  command(ports: Ports, folder: TemporaryFolder): Command
}
