import { type Command, resultMessage, stringOf } from '../../protocol/command.ts'
import { peerAddress } from '../../protocol/peer-address.ts'
import type { NetConnection } from '../net-connection.ts'

/** More are not looked at. */
const mostAddresses = 16

/** setPeerInfo (RFC 7425 §5.3.3): other clients may reach this one, also at these addresses. Flash wants no answer. */
export function setPeerInfo(connection: NetConnection, command: Command): void {
  connection.reported = command.args
    .flat()
    .slice(0, mostAddresses)
    .flatMap(text => peerAddress(stringOf(text)) ?? [])
  if (command.transactionId !== 0) connection.send(resultMessage(command, null))
}
