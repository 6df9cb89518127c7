// What the other file includes.
namespace go common
namespace js shop.common (owner = "us")

/** How much of it there is. */
enum Unit {
  PIECE = 1 // one by one
  KILO = 0x10 (display = "kg")
  /* counts on */
  LITRE
}

typedef Unit Measure
typedef map<string, list<Unit>> Units (js.type = "object")

# A thing that can be wrong.
exception Refused {
  1: required string message
  2: i32 code = 400
  3: optional list<string> details = ["a", 'b "quoted"', "c\t\\d"]
} (status = "400", status = "409")

const i64 LIMIT = 9007199254740991
const Unit DEFAULT_UNIT = Unit.KILO
