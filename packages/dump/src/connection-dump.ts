import { DirectionDump } from './direction-dump.ts'
import { MessageReader } from './message-reader.ts'
import { Names } from './names.ts'
import type { DumpOptions } from './options.ts'
import type { DumpRecord } from './record.ts'

/** Who the two sides of a connection are. */
export interface Endpoints {
  readonly client: string
  readonly server: string
}

/** A connection of which both directions were captured. */
export class ConnectionDump {
  readonly client: DirectionDump
  readonly server: DirectionDump

  constructor(
    connection: number,
    endpoints: Endpoints,
    capturedAt: number | undefined,
    options: DumpOptions,
    emit: (record: DumpRecord) => void,
  ) {
    const names = new Names(options.showNames === true)
    const reader = new MessageReader(names, true)
    emit({ kind: 'connection', connection, ...endpoints, ...(capturedAt !== undefined && { capturedAt }) })
    this.client = new DirectionDump(connection, 'client', reader, names, options, emit)
    this.server = new DirectionDump(connection, 'server', reader, names, options, emit)
  }
}

/** One direction of a connection, alone. */
export function singleDirection(options: DumpOptions, emit: (record: DumpRecord) => void): DirectionDump {
  const names = new Names(options.showNames === true)
  emit({ kind: 'connection', connection: 1 })
  return new DirectionDump(1, null, new MessageReader(names, false), names, options, emit)
}
