/** Tag types of an FLV file (FLV 10.1 §E.4.1); the numbers are also those of RTMP messages. */
export const TagType = {
  Audio: 8,
  Video: 9,
  ScriptAmf3: 15,
  Script: 18,
} as const

/** One of the known tag types. */
export type TagType = (typeof TagType)[keyof typeof TagType]
