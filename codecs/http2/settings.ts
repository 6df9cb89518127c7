/**
 * SETTINGS: their ids, what holds before any were exchanged, which values are allowed.
 *
 * Spec: RFC 9113 §6.5.
 *
 * @module
 */
import { ErrorCode, Http2Error } from "./errors.ts";
import { DEFAULT_FRAME_BYTES, MAX_FRAME_BYTES, MAX_WINDOW } from "./frame.ts";

/** The settings of RFC 9113 §6.5.2. */
export const SettingId: {
  readonly HEADER_TABLE_SIZE: 1;
  readonly ENABLE_PUSH: 2;
  readonly MAX_CONCURRENT_STREAMS: 3;
  readonly INITIAL_WINDOW_SIZE: 4;
  readonly MAX_FRAME_SIZE: 5;
  readonly MAX_HEADER_LIST_SIZE: 6;
} = {
  HEADER_TABLE_SIZE: 1,
  ENABLE_PUSH: 2,
  MAX_CONCURRENT_STREAMS: 3,
  INITIAL_WINDOW_SIZE: 4,
  MAX_FRAME_SIZE: 5,
  MAX_HEADER_LIST_SIZE: 6,
};

/** What holds for window sizes until SETTINGS say otherwise; for the connection's window they never do. */
export const DEFAULT_WINDOW = 65535;

/** What one side of a connection has asked of the other. */
export interface Settings {
  /** Largest dynamic table that may be used towards it, in octets. Initially 4096. */
  headerTableSize: number;
  /** May it be sent PUSH_PROMISE? Initially true; this implementation never does. */
  enablePush: boolean;
  /** How many streams the other side may have open. Initially without limit. */
  maxConcurrentStreams: number;
  /** Flow-control window of new streams, in octets. Initially 65535. */
  initialWindowSize: number;
  /** Largest frame it takes, in octets. Initially 16384. */
  maxFrameSize: number;
  /** Largest header list it wants to see, as RFC 9113 §6.5.2 counts. Initially without limit. */
  maxHeaderListSize: number;
}

/** What holds before the first SETTINGS. */
export function initialSettings(): Settings {
  return {
    headerTableSize: 4096,
    enablePush: true,
    maxConcurrentStreams: Infinity,
    initialWindowSize: DEFAULT_WINDOW,
    maxFrameSize: DEFAULT_FRAME_BYTES,
    maxHeaderListSize: Infinity,
  };
}

/**
 * Applies the settings in `bytes` from `start` to `end` (a multiple of six octets) to `settings`, one after the other;
 * unknown ones are passed over. `fromServer`: a server must not turn ENABLE_PUSH on. Throws an `Http2Error` for a value
 * that is not allowed. `tableSize` hears of every HEADER_TABLE_SIZE: the smallest counts, too (RFC 7541 §4.2).
 */
export function applySettings(
  settings: Settings,
  bytes: Uint8Array,
  start: number,
  end: number,
  fromServer: boolean,
  tableSize: (octets: number) => void = () => {},
): void {
  for (let at = start; at < end; at += 6) {
    const id = (bytes[at]! << 8) | bytes[at + 1]!;
    const value = bytes[at + 2]! * 0x1000000 + ((bytes[at + 3]! << 16) | (bytes[at + 4]! << 8) | bytes[at + 5]!);
    applySetting(settings, id, value, fromServer);
    if (id === SettingId.HEADER_TABLE_SIZE) tableSize(value);
  }
}

function applySetting(settings: Settings, id: number, value: number, fromServer: boolean): void {
  switch (id) {
    case SettingId.HEADER_TABLE_SIZE:
      settings.headerTableSize = value;
      return;
    case SettingId.ENABLE_PUSH:
      if (value > (fromServer ? 0 : 1)) throw bad(ErrorCode.PROTOCOL_ERROR, "ENABLE_PUSH", value);
      settings.enablePush = value === 1;
      return;
    case SettingId.MAX_CONCURRENT_STREAMS:
      settings.maxConcurrentStreams = value;
      return;
    case SettingId.INITIAL_WINDOW_SIZE:
      if (value > MAX_WINDOW) throw bad(ErrorCode.FLOW_CONTROL_ERROR, "INITIAL_WINDOW_SIZE", value);
      settings.initialWindowSize = value;
      return;
    case SettingId.MAX_FRAME_SIZE:
      if (value < DEFAULT_FRAME_BYTES || value > MAX_FRAME_BYTES) {
        throw bad(ErrorCode.PROTOCOL_ERROR, "MAX_FRAME_SIZE", value);
      }
      settings.maxFrameSize = value;
      return;
    case SettingId.MAX_HEADER_LIST_SIZE:
      settings.maxHeaderListSize = value;
      return;
  }
}

function bad(code: number, name: string, value: number): Http2Error {
  return new Http2Error(code, `setting ${name} of ${value} is not allowed`);
}
