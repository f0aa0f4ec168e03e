import { compliance, type ComplianceCase } from './compliance.ts'
import { MessageTransportBench, type MessageTransportSubject } from './message-transport-bench.ts'
import { messageTransportCases } from './message-transport-cases.ts'

/**
 * What every `MessageTransport` must do, as a list of cases for any test runner; see `transportCompliance`.
 */
export const messageTransportCompliance: readonly ComplianceCase<MessageTransportSubject>[] = compliance(
  messageTransportCases,
  subject => new MessageTransportBench(subject),
)
