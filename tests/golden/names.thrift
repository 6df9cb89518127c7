include "base.thrift"

// Names that TypeScript or the generated code has other uses for.
struct class { 1: i32 class, 2: list<class> function, 3: optional bool default }
struct Map { 1: map<string, Map> map }
struct w { 1: optional w p, 2: list<w> d }
struct writeW_ { 1: w w }
struct thriftStruct { 1: i32 room }
struct room { 1: string skip }
struct Point { 1: base.Point other }
struct Base { 1: i32 a }
struct Color { 1: ColorSchema a, 2: i32 _1 }
struct ColorSchema { 1: base.Color color }
struct Objects {
  1: string constructor
  2: i32 __proto__
  3: bool toString
  4: bool toString_
  5: string hasOwnProperty
  6: list<string> valueOf
}
union Choices { 1: string constructor, 2: i32 kind, 3: bool value, 4: double __proto__ }
exception Named { 1: string message, 2: string name, 3: optional string stack, 4: i32 cause, 5: bool schema }
exception Numbered { 1: i32 message }
enum Odd { __proto__ = 1, constructor = 2, class = 3, toString = 4 }
enum Bare {}
enum as { as = 1, from = 2, type = 3 }
struct satisfies { 1: as type }
exception then { 1: i32 then }
const string SCRIPT = "</script><!-- \u2028 */ ${x} `y`"
const map<string, i32> KEYS = {"__proto__": 1, "a b": 2, "ok": 3}
struct Notes {
  /** Ends here: */ 1: i32 a (note = "*/", a.b = "x\"y", __proto__ = "z")
} (constructor = "c", deprecated = "1")
service Client {
  void then(1: i32 then)
  void close()
  void constructor(1: i32 constructor)
  i32 function(1: i32 new, 2: string context, 3: string options, 4: list<i32> options_)
  i64 success() throws (1: Named success)
  Bare bare(1: Odd odd)
}
service ClientHandlers {}
service Derived extends base.Base { void more(1: Point point) }
