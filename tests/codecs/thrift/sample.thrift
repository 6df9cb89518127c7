/** Every type in every place, for tests of the codecs. */

enum Color { RED = 1, GREEN = 2, BLUE = 5 }

typedef i64 Timestamp

const string DEFAULT_NAME = "anon"

struct Inner {
  1: required string name
  2: optional i32 num
  3: optional Inner child
  4: optional list<Color> colors
}

union Choice {
  1: string s
  2: i64 n
  3: Inner inner
}

struct AllTypes {
  1: bool vbool
  2: byte vbyte
  3: i16 vi16
  4: i32 vi32
  5: i64 vi64
  6: double vdouble
  7: string vstring
  8: binary vbinary
  9: Color venum
  10: list<string> lstring
  11: list<i64> li64
  12: set<i32> si32
  13: set<string> sstring
  14: map<string, string> mss
  15: map<i32, Inner> mii
  16: list<list<i32>> lli
  17: map<string, list<Inner>> msl
  18: Inner inner
  19: list<Inner> linner
  20: Timestamp ts
  21: list<binary> lbinary
  22: list<bool> lbool
  23: list<double> ldouble
  24: map<Color, double> menum
  25: optional Choice choice
  31: optional bool obool
  32: optional byte obyte
  33: optional i16 oi16
  34: optional i32 oi32
  35: optional i64 oi64
  36: optional double odouble
  37: optional string ostring
  38: optional binary obinary
  39: optional Color oenum
  40: optional Inner oinner
  41: optional list<i32> olist
  42: optional i32 dnum = 42
  43: optional string dname = DEFAULT_NAME
  1000: string bigid
}

/** Numbers as numbers and text, objects as maps, and containers in unusual places. */
struct Odd {
  -1: i16 negative
  1: i64 num64 (js.type = "number")
  2: i64 text64 (js.type = "string")
  3: uuid id
  4: map<string, i32> byName (js.type = "object")
  5: map<Inner, string> byInner
  6: map<list<i32>, set<Inner>> byList
  7: map<string, double> scores
  8: map<i64, string> names
  9: list<map<byte, set<bool>>> deep
  10: list<i32> primes = [2, 3, 5]
  11: required i32 level = 7
  12: optional list<uuid> ids
  13: optional list<Choice> choices
  14: optional list<i64> nums (js.type = "number")
  32767: optional string constructor
}

struct EchoRequest {
  1: string msg
  2: optional AllTypes all
}

struct EchoResponse {
  1: string msg
  2: optional AllTypes all
}

struct Empty {}

exception EchoException {
  1: i32 code
  2: string message
}

exception OtherException {
  1: required string reason
  2: optional list<string> details
}

service EchoService {
  EchoResponse echo(1: EchoRequest req)
  i64 add(1: i64 a, 2: i64 b)
  void ping()
  oneway void notify(1: string msg)
  string fail(1: string kind) throws (1: EchoException ex, 2: OtherException other)
}
