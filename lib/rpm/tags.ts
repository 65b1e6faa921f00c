// The numbers of the RPM v4 file format, shared by the writer and the reader: header tags, value types, dependency and file flags.
// Source: rpm's include/rpm/rpmtag.h, rpmds.h, rpmfiles.h and docs/manual/format_*.md.

/** Value types of header entries. */
export const rpmType = {
  null: 0,
  char: 1,
  int8: 2,
  int16: 3,
  int32: 4,
  int64: 5,
  string: 6,
  binary: 7,
  stringArray: 8,
  i18nString: 9,
} as const;

/** Entry 0 of each of the two headers in a file: it marks which entries are covered by signatures and digests. */
export const rpmRegion = { signature: 62, immutable: 63 } as const;

/** Tags of the signature header. */
export const rpmSignatureTag = {
  dsa: 267,
  rsa: 268,
  /** Hex digest of the main header. */
  sha1: 269,
  longSize: 270,
  longPayloadSize: 271,
  /** Hex digest of the main header. */
  sha256: 273,
  /** Of each file for the kernel's IMA, in hex; and the longest one's bytes. */
  fileSignatures: 274,
  fileSignatureLength: 275,
  /** Bytes of main header and payload together. */
  size: 1000,
  pgp: 1002,
  /** Binary digest of main header and payload together. */
  md5: 1004,
  gpg: 1005,
  /** Bytes of the uncompressed payload. */
  payloadSize: 1007,
  reservedSpace: 1008,
} as const;

/** Tags of the main header. */
export const rpmTag = {
  headerI18nTable: 100,
  name: 1000,
  version: 1001,
  release: 1002,
  epoch: 1003,
  summary: 1004,
  description: 1005,
  buildTime: 1006,
  buildHost: 1007,
  size: 1009,
  vendor: 1011,
  license: 1014,
  packager: 1015,
  group: 1016,
  url: 1020,
  os: 1021,
  arch: 1022,
  preIn: 1023,
  postIn: 1024,
  preUn: 1025,
  postUn: 1026,
  oldFileNames: 1027,
  fileSizes: 1028,
  fileModes: 1030,
  fileRdevs: 1033,
  fileMtimes: 1034,
  fileDigests: 1035,
  fileLinkTos: 1036,
  fileFlags: 1037,
  fileUserName: 1039,
  fileGroupName: 1040,
  sourceRpm: 1044,
  fileVerifyFlags: 1045,
  archiveSize: 1046,
  provideName: 1047,
  requireFlags: 1048,
  requireName: 1049,
  requireVersion: 1050,
  conflictFlags: 1053,
  conflictName: 1054,
  conflictVersion: 1055,
  rpmVersion: 1064,
  triggerScripts: 1065,
  triggerName: 1066,
  triggerVersion: 1067,
  triggerFlags: 1068,
  triggerIndex: 1069,
  verifyScript: 1079,
  changelogTime: 1080,
  changelogName: 1081,
  changelogText: 1082,
  preInProg: 1085,
  postInProg: 1086,
  preUnProg: 1087,
  postUnProg: 1088,
  obsoleteName: 1090,
  verifyScriptProg: 1091,
  triggerScriptProg: 1092,
  fileDevices: 1095,
  fileInodes: 1096,
  fileLangs: 1097,
  provideFlags: 1112,
  provideVersion: 1113,
  obsoleteFlags: 1114,
  obsoleteVersion: 1115,
  dirIndexes: 1116,
  baseNames: 1117,
  dirNames: 1118,
  payloadFormat: 1124,
  payloadCompressor: 1125,
  payloadFlags: 1126,
  fileColors: 1140,
  preTrans: 1151,
  postTrans: 1152,
  preTransProg: 1153,
  postTransProg: 1154,
  longFileSizes: 5008,
  longSize: 5009,
  fileCaps: 5010,
  fileDigestAlgo: 5011,
  preInFlags: 5020,
  postInFlags: 5021,
  preUnFlags: 5022,
  postUnFlags: 5023,
  preTransFlags: 5024,
  postTransFlags: 5025,
  triggerScriptFlags: 5027,
  recommendName: 5046,
  recommendVersion: 5047,
  recommendFlags: 5048,
  suggestName: 5049,
  suggestVersion: 5050,
  suggestFlags: 5051,
  supplementName: 5052,
  supplementVersion: 5053,
  supplementFlags: 5054,
  enhanceName: 5055,
  enhanceVersion: 5056,
  enhanceFlags: 5057,
  encoding: 5062,
  fileTriggerScripts: 5066,
  fileTriggerScriptProg: 5067,
  fileTriggerScriptFlags: 5068,
  fileTriggerName: 5069,
  fileTriggerIndex: 5070,
  fileTriggerVersion: 5071,
  fileTriggerFlags: 5072,
  transFileTriggerScripts: 5076,
  transFileTriggerScriptProg: 5077,
  transFileTriggerScriptFlags: 5078,
  transFileTriggerName: 5079,
  transFileTriggerIndex: 5080,
  transFileTriggerVersion: 5081,
  transFileTriggerFlags: 5082,
  fileTriggerPriorities: 5084,
  transFileTriggerPriorities: 5085,
  fileSignatures: 5090,
  fileSignatureLength: 5091,
  payloadDigest: 5092,
  payloadDigestAlgo: 5093,
  modularityLabel: 5096,
  payloadDigestAlt: 5097,
} as const;

/** Bits of dependency flags. */
export const rpmSense = {
  less: 1 << 1,
  greater: 1 << 2,
  equal: 1 << 3,
  postTrans: 1 << 5,
  prereq: 1 << 6,
  preTrans: 1 << 7,
  interpreter: 1 << 8,
  scriptPre: 1 << 9,
  scriptPost: 1 << 10,
  scriptPreUn: 1 << 11,
  scriptPostUn: 1 << 12,
  triggerIn: 1 << 16,
  triggerUn: 1 << 17,
  triggerPostUn: 1 << 18,
  missingOk: 1 << 19,
  rpmlib: 1 << 24,
  triggerPreIn: 1 << 25,
  config: 1 << 28,
  meta: 1 << 29,
} as const;

/** Bits of file flags. */
export const rpmFileFlag = {
  config: 1 << 0,
  doc: 1 << 1,
  missingOk: 1 << 3,
  noReplace: 1 << 4,
  ghost: 1 << 6,
  license: 1 << 7,
  readme: 1 << 8,
  artifact: 1 << 12,
} as const;

/** Bits of scriptlet flags (rpmscript.h). */
export const rpmScriptFlag = { expand: 1 << 0, queryFormat: 1 << 1, critical: 1 << 2 } as const;

/** Digest algorithms as OpenPGP numbers them. */
export const rpmDigestAlgorithm = { md5: 1, sha1: 2, sha256: 8, sha384: 9, sha512: 10 } as const;

/** First bytes of an RPM file (the lead) and of a header. */
export const rpmMagic = {
  lead: Uint8Array.of(0xed, 0xab, 0xee, 0xdb),
  header: Uint8Array.of(0x8e, 0xad, 0xe8, 0x01),
} as const;

/** Size of the lead in bytes; the signature header follows it. */
export const rpmLeadSize = 96;
