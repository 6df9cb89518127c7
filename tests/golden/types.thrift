include "base.thrift"

/* A licence, for example: it belongs to the file and not to what follows. */

struct Scalars {
  1: bool flag
  2: byte tiny
  3: i8 tiny_too
  4: i16 small
  5: i32 medium
  6: i64 large
  7: double real
  8: string text
  9: binary bytes
  10: base.Color color
  11: uuid id
  12: base.Timestamp at
}

struct Optionals {
  1: optional bool flag
  2: optional i8 tiny
  3: optional i16 small
  4: optional i32 medium
  5: optional i64 large
  6: optional double real
  7: optional string text
  8: optional binary bytes
  9: optional base.Color color
  10: optional uuid id
  11: optional base.Point point
  12: optional list<i32> numbers
  13: optional Shape shape
}

struct Requireds {
  1: required bool flag
  2: required i64 large
  3: required string text
  4: required binary bytes
  5: required base.Point point
  6: required list<string> texts
  7: required map<string, i32> counts
  8: required Shape shape
  9: required NotReady failure
}

struct Containers {
  1: list<bool> flags
  2: list<string> texts
  3: list<binary> blobs
  4: list<base.Point> points
  5: set<i16> smalls
  6: set<string> words
  7: map<i32, string> names
  8: map<string, i64> counts
  9: map<i8, double> reals
  10: map<base.Color, base.Point> places
  11: map<uuid, base.Color> colors
  12: map<bool, list<i32>> lists
  13: list<list<list<i32>>> cube
  14: list<map<string, set<i64>>> mixed
  15: map<base.Point, base.Point> moves
  16: map<list<i32>, set<base.Point>> odd
  17: set<list<string>> phrases
  18: map<map<i32, i32>, map<string, string>> nested
  19: list<Shape> shapes
  20: map<string, NotReady> failures
  21: map<binary, bool> seen
  22: list<uuid> ids
  23: map<i64, binary> pages
}

/** One of these. */
union Shape {
  1: base.Point dot
  2: double circle
  /** Corners in order. */
  3: list<base.Point> polygon
  4: bool nothing
  5: string word
  6: base.Color color
  7: Shape other
  8: i64 seed
}

union Preset {
  1: i32 a
  2: string b = "preset"
}

union Nothing {}

struct Empty {}

struct Tree {
  1: string name
  2: optional Tree left
  3: list<Tree> children
  4: map<string, Tree> byName
}

struct Defaults {
  1: bool flag = true
  2: i8 tiny = -1
  3: i64 large = 0x7fffffffffffffff
  4: double real = -1.5e3
  5: string text = "tab\t and \"quotes\""
  6: binary bytes = "\x00\xff"
  7: base.Color color = base.Color.BLUE
  8: list<i32> primes = [2, 3, 5]
  9: set<string> words = ["a", "b"]
  10: map<string, list<i32>> table = {"one": [1], "none": []}
  11: base.Point point = {"x": 1}
  12: optional i32 level = 7
  13: optional string label = "none"
  14: Shape shape = {"circle": 1.0}
  15: required i32 limit = base.LIMIT
  16: optional list<i32> numbers = [1]
}

struct Ids {
  -1: i32 negative
  0: i32 zero
  1: i32 one
  32767: string last
  300: bool flag
}

exception NotReady {
  1: required i32 code
  2: optional string hint
  3: list<string> steps = ["wait"]
}

exception Silent {}

exception Wordless {
  1: optional string message
  2: binary message_
}

struct Held {
  1: i64 number (js.type = "number")
  2: i64 text (js.type = "string")
  3: list<i64> numbers (js.type = "number")
  4: map<string, i32> table (js.type = "object")
  5: list<map<string, i64> (js.type = "object")> tables
  6: map<i64 (js.type = "string"), i64 (js.type = "number")> both
  7: base.Timestamp at (js.type = "number")
  8: optional Millis later
  9: i64 preset = 5 (js.type = "string")
  10: set<i64> ids = [1, 2] (js.type = "number")
}

typedef i64 Millis (js.type = "number")
typedef list<base.Point> Path
typedef base.Point Spot
typedef base.Color Tint
typedef NotReady Unready
typedef Spot Place

struct Aliases {
  1: Millis millis
  2: Path path
  3: Place place
  4: Tint tint = Tint.GREEN
}
