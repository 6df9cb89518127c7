/**
 * The words of TTHeader: flags, protocol ids, and the keys of its info blocks. Names and numbers are Kitex's.
 *
 * @module
 */

/** Bits of a frame's FLAGS; a server answers with the flags it was sent. */
export const Flag: {
  /** The client takes answers in any order: it multiplexes. */
  readonly SUPPORT_OUT_OF_ORDER: 0x0001;
  /** A frame of TTHeader streaming. */
  readonly STREAMING: 0x0002;
  /** Reserved by Kitex. */
  readonly DUPLEX_REVERSE: 0x0008;
  /** Reserved by Kitex. */
  readonly SASL: 0x0010;
} = { SUPPORT_OUT_OF_ORDER: 0x0001, STREAMING: 0x0002, DUPLEX_REVERSE: 0x0008, SASL: 0x0010 };

/** PROTOCOL ID of a frame. For calls it is checked and not used: the payload's own magic decides. */
export const ProtocolId: {
  /** Thrift Binary; Kitex writes it for Kitex Protobuf too. */
  readonly THRIFT_BINARY: 0x00;
  /** Thrift Compact V2, and Kitex Protobuf in old releases. */
  readonly THRIFT_COMPACT_V2: 0x03;
  /** Kitex Protobuf. */
  readonly KITEX_PROTOBUF: 0x04;
  /** A Thrift struct without an envelope: streaming. */
  readonly THRIFT_STRUCT: 0x10;
  /** A Protobuf message without an envelope: streaming. */
  readonly PROTOBUF_STRUCT: 0x11;
} = { THRIFT_BINARY: 0x00, THRIFT_COMPACT_V2: 0x03, KITEX_PROTOBUF: 0x04, THRIFT_STRUCT: 0x10, PROTOBUF_STRUCT: 0x11 };

/** Keys of the integer block. */
export const IntKey: {
  readonly MESH_VERSION: 0;
  /** `"framed"` or `"unframed"`: how the payload follows. */
  readonly TRANSPORT_TYPE: 1;
  readonly LOG_ID: 2;
  /** Name of the calling service. */
  readonly FROM_SERVICE: 3;
  readonly FROM_CLUSTER: 4;
  readonly FROM_IDC: 5;
  /** Name the called service is registered under. */
  readonly TO_SERVICE: 6;
  readonly TO_CLUSTER: 7;
  readonly TO_IDC: 8;
  /** The method called. */
  readonly TO_METHOD: 9;
  readonly ENV: 10;
  readonly DEST_ADDRESS: 11;
  /** Decimal milliseconds the caller waits. */
  readonly RPC_TIMEOUT: 12;
  readonly READ_TIMEOUT: 13;
  readonly RING_HASH_KEY: 14;
  readonly DDP_TAG: 15;
  readonly WITH_MESH_HEADER: 16;
  /** Decimal milliseconds that a client which was told so takes to connect: for proxies, servers do not read it. */
  readonly CONNECT_TIMEOUT: 17;
  readonly SPAN_CONTEXT: 18;
  readonly SHORT_CONNECTION: 19;
  /** The method of the caller that made this call; empty if it was none. */
  readonly FROM_METHOD: 20;
  readonly STRESS_TAG: 21;
  /** Decimal type of the Thrift message. */
  readonly MSG_TYPE: 22;
  readonly HTTP_CONTENT_TYPE: 23;
  readonly RAW_RING_HASH_KEY: 24;
  readonly LB_TYPE: 25;
  readonly CLUSTER_SHARD_ID: 26;
  /** `"1"` to `"5"`: type of a streaming frame. */
  readonly FRAME_TYPE: 27;
} = {
  MESH_VERSION: 0,
  TRANSPORT_TYPE: 1,
  LOG_ID: 2,
  FROM_SERVICE: 3,
  FROM_CLUSTER: 4,
  FROM_IDC: 5,
  TO_SERVICE: 6,
  TO_CLUSTER: 7,
  TO_IDC: 8,
  TO_METHOD: 9,
  ENV: 10,
  DEST_ADDRESS: 11,
  RPC_TIMEOUT: 12,
  READ_TIMEOUT: 13,
  RING_HASH_KEY: 14,
  DDP_TAG: 15,
  WITH_MESH_HEADER: 16,
  CONNECT_TIMEOUT: 17,
  SPAN_CONTEXT: 18,
  SHORT_CONNECTION: 19,
  FROM_METHOD: 20,
  STRESS_TAG: 21,
  MSG_TYPE: 22,
  HTTP_CONTENT_TYPE: 23,
  RAW_RING_HASH_KEY: 24,
  LB_TYPE: 25,
  CLUSTER_SHARD_ID: 26,
  FRAME_TYPE: 27,
};

/** Keys of the string block. */
export const StrKey: {
  /** The service's name in its IDL: chooses among several services of a server. */
  readonly IDL_SERVICE_NAME: "isn";
  /** Address of the caller as a proxy saw it. */
  readonly REMOTE_ADDRESS: "rip";
  readonly TO_CLUSTER: "tc";
  readonly TO_IDC: "ti";
  /** `"1"`: the sender is about to close the connection. */
  readonly CONN_READY_TO_RESET: "crrst";
  /** Eight hex digits: CRC-32C of all that follows the header. */
  readonly CRC32C: "crc32c";
  /** The services that a cancellation came through. */
  readonly CANCEL_PATH: "ttscp";
  /** Decimal code of a business status. */
  readonly BIZ_STATUS: "biz-status";
  /** Message of a business status. */
  readonly BIZ_MESSAGE: "biz-message";
  /** JSON object of strings: what else a business status carries. */
  readonly BIZ_EXTRA: "biz-extra";
  /** Stands for the token block among the strings. */
  readonly ACL_TOKEN: "RPC_TRANSIT_gdpr-token";
} = {
  IDL_SERVICE_NAME: "isn",
  REMOTE_ADDRESS: "rip",
  TO_CLUSTER: "tc",
  TO_IDC: "ti",
  CONN_READY_TO_RESET: "crrst",
  CRC32C: "crc32c",
  CANCEL_PATH: "ttscp",
  BIZ_STATUS: "biz-status",
  BIZ_MESSAGE: "biz-message",
  BIZ_EXTRA: "biz-extra",
  ACL_TOKEN: "RPC_TRANSIT_gdpr-token",
};

/** How names of metadata begin among the strings. The first that fits counts, in this order. */
export const MetaPrefix: {
  /** Transient metadata of the hop before: read by Kitex, never written. */
  readonly UPSTREAM: "RPC_TRANSIT_UPSTREAM_";
  /** For one hop. */
  readonly TRANSIENT: "RPC_TRANSIT_";
  /** For the whole chain of calls. */
  readonly PERSISTENT: "RPC_PERSIST_";
} = { UPSTREAM: "RPC_TRANSIT_UPSTREAM_", TRANSIENT: "RPC_TRANSIT_", PERSISTENT: "RPC_PERSIST_" };
