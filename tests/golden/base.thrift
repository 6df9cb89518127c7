// Definitions that the other files include.
namespace go golden.base

/** A colour. */
enum Color {
  RED = 1 // as in traffic lights
  GREEN
  BLUE = 0x10
}

/**
 * A point in the plane,
 * with a name.
 */
struct Point {
  1: i32 x = 3
  2: i32 y
  /* What people call it. */
  3: optional string name
}

exception NotFound {
  1: string message
  2: i32 code
}

service Base {
  /** Answers when it can. */
  void ping()
  Point move(1: Point from, 2: Point by) throws (1: NotFound missing)
}

const i32 LIMIT = 10
const Point ORIGIN = {"x": 0, "name": "origin"}
typedef i64 Timestamp
