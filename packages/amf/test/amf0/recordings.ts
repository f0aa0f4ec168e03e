import { type AmfValue, EcmaArray } from '../../src/index.ts'
import { bare, hex } from '../support.ts'

/** The body of a message and what it says. */
export interface Recording {
  readonly name: string
  readonly bytes: Buffer
  readonly values: readonly AmfValue[]
}

/** Recorded from FFmpeg 4 (libavformat 58), or put together by hand after OBS 30: no byte of ours in them. */
export const recordings: readonly Recording[] = [
  {
    name: 'connect from FFmpeg',
    bytes: hex(`
      020007636f6e6e656374003ff00000000000000300036170700200046c69766500047479706502000a6e6f6e70726976617465
      0008666c617368566572020024464d4c452f332e302028636f6d70617469626c653b204c61766635382e32342e31303029
      0005746355726c02001b72746d703a2f2f3132372e302e302e313a33393130372f6c697665000009`),
    values: [
      'connect',
      1,
      bare({
        app: 'live',
        type: 'nonprivate',
        flashVer: 'FMLE/3.0 (compatible; Lavf58.24.100)',
        tcUrl: 'rtmp://127.0.0.1:39107/live',
      }),
    ],
  },
  {
    name: 'onMetaData from FFmpeg',
    bytes: hex(`
      02000a6f6e4d65746144617461080000000b0005776964746800407400000000000000066865696768740040
      6e000000000000000d766964656f646174617261746500000000000000000000096672616d65726174650040
      39000000000000000c766964656f636f646563696400401c000000000000000d617564696f64617461726174
      65004050d88000000000000f617564696f73616d706c65726174650040e5888000000000000f617564696f73
      616d706c6573697a65004030000000000000000673746572656f0100000c617564696f636f64656369640040
      240000000000000007656e636f64657202000d4c61766635382e32342e313030000009`),
    values: [
      'onMetaData',
      new EcmaArray(
        bare({
          width: 320,
          height: 240,
          videodatarate: 0,
          framerate: 25,
          videocodecid: 7,
          audiodatarate: 67.3828125,
          audiosamplerate: 44_100,
          audiosamplesize: 16,
          stereo: false,
          audiocodecid: 10,
          encoder: 'Lavf58.24.100',
        }),
      ),
    ],
  },
  {
    name: 'connect as OBS sends it',
    bytes: hex(`
      02 0007 636f6e6e656374
      00 3ff0000000000000
      03
        0003 617070 02 0004 6c697665
        0004 74797065 02 000a 6e6f6e70726976617465
        0008 666c617368566572 02 001f 464d4c452f332e302028636f6d70617469626c653b20464d53632f312e3029
        0006 73776655726c 02 001a 72746d703a2f2f3132372e302e302e313a313933352f6c697665
        0005 746355726c 02 001a 72746d703a2f2f3132372e302e302e313a313933352f6c697665
      0000 09`),
    values: [
      'connect',
      1,
      bare({
        app: 'live',
        type: 'nonprivate',
        flashVer: 'FMLE/3.0 (compatible; FMSc/1.0)',
        swfUrl: 'rtmp://127.0.0.1:1935/live',
        tcUrl: 'rtmp://127.0.0.1:1935/live',
      }),
    ],
  },
  {
    name: '@setDataFrame as OBS sends it',
    bytes: hex(`
      02 000d 40736574446174614672616d65
      02 000a 6f6e4d65746144617461
      08 00000010
        0008 6475726174696f6e 00 0000000000000000
        0008 66696c6553697a65 00 0000000000000000
        0005 7769647468 00 409e000000000000
        0006 686569676874 00 4090e00000000000
        000c 766964656f636f6465636964 00 401c000000000000
        000d 766964656f6461746172617465 00 40b7700000000000
        0009 6672616d6572617465 00 404e000000000000
        000c 617564696f636f6465636964 00 4024000000000000
        000d 617564696f6461746172617465 00 4064000000000000
        000f 617564696f73616d706c6572617465 00 40e7700000000000
        000f 617564696f73616d706c6573697a65 00 4030000000000000
        000d 617564696f6368616e6e656c73 00 4000000000000000
        0006 73746572656f 01 01
        0003 322e31 01 00
        0003 352e31 01 00
        0007 656e636f646572 02 0029
          6f62732d6f7574707574206d6f64756c6520286c69626f62732076657273696f6e2033302e322e3329
      0000 09`),
    values: [
      '@setDataFrame',
      'onMetaData',
      new EcmaArray(
        bare({
          duration: 0,
          fileSize: 0,
          width: 1920,
          height: 1080,
          videocodecid: 7,
          videodatarate: 6000,
          framerate: 60,
          audiocodecid: 10,
          audiodatarate: 160,
          audiosamplerate: 48_000,
          audiosamplesize: 16,
          audiochannels: 2,
          stereo: true,
          '2.1': false,
          '5.1': false,
          encoder: 'obs-output module (libobs version 30.2.3)',
        }),
      ),
    ],
  },
]
