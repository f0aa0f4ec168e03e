export { type ClientHello, readClientHello } from './first-bytes/client-hello.ts'
export { peek } from './first-bytes/peek.ts'
export { Seldom } from './first-bytes/seldom.ts'
export { nameOf, type Spoken, whatIs } from './first-bytes/what-is.ts'
export {
  beginningOfTls,
  tlsPortAnswer,
  wrongPortAnswer,
  WrongPortError,
  wrongPortSentence,
} from './first-bytes/wrong-port.ts'
export { urlHost } from './url-host.ts'
