namespace go v

enum Level { LOW = 1, MIDDLE = 2, HIGH = 3 }
enum Sparse { A = 1, Z = 26 }

struct Inner {
  1: i32 a (vt.ge = "0")
  2: optional Inner next
}

/** Every rule, on every type that takes it. */
struct Rules {
  1: i32 number (vt.gt = "0x10", vt.lt = "100", vt.not_in = "50", vt.not_in = "$small")
  2: optional i64 big (vt.in = "1", vt.in = "9007199254740993", vt.in = "$number", vt.not_nil = "true")
  3: double real (vt.const = "1.5")
  4: bool flag (vt.const = "true")
  5: string text (
    vt.min_size = "1", vt.max_size = "@len($other)", vt.pattern = "^[a-z]+$", vt.prefix = "a", vt.suffix = "$other",
    vt.contains = "x", vt.not_contains = "y", vt.in = "p", vt.in = "q", vt.const = "@sprintf(\"%s_%v\", $other, $number)"
  )
  6: optional string other (vt.not_nil = "true", vt.min_rune_size = "2", vt.max_rune_size = "9")
  7: binary bytes (vt.const = "abc", vt.min_size = "2", vt.prefix = "a", vt.in = "zz", vt.pattern = "b", vt.max_rune_size = "3")
  8: Level level (vt.defined_only = "true", vt.const = "Level.LOW")
  9: optional Sparse sparse (vt.in = "Sparse.A", vt.not_in = "Sparse.Z", vt.defined_only = "true")
  10: list<i32> numbers (vt.min_size = "1", vt.elem.gt = "0", vt.elem.lt = "$big")
  11: list<list<string>> nested (vt.elem.max_size = "2", vt.elem.elem.min_size = "1")
  12: map<string, Inner> inners (vt.min_size = "1", vt.no_sparse = "true", vt.key.prefix = "k")
  13: Inner inner
  14: optional Inner maybe (vt.not_nil = "true")
  15: Inner skipped (vt.skip = "true")
  16: set<i32> small_set (vt.max_size = "3", vt.elem.ge = "1")
  17: list<Inner> unchecked (vt.elem.skip = "true")
  18: list<Inner> checked
  19: i64 time (vt.lt = "@add(@now_unix_nano(), 1000)")
  20: optional bool same (vt.const = "$flag")
  21: i8 small (vt.le = "@mod($number, 7)")
  22: map<Level, set<Level>> levels (vt.key.defined_only = "true", vt.value.elem.not_in = "Level.HIGH")
  23: double ratio (vt.ge = "$number", vt.lt = "1e3")
  24: optional string both (vt.const = "@add($text, $other)")
} (vt.assert = "@equal(@mod($number, 2), 0)", vt.assert = "$flag")

union Choice {
  1: i32 number (vt.gt = "0")
  2: string text (vt.min_size = "1")
  3: Inner inner
}

exception Failure {
  1: string reason (vt.min_size = "1")
}

struct Free {
  1: string anything
}

service Base {
  Free ping(1: Free free)
}

service Ruled extends Base {
  Rules check(1: Rules rules, 2: string name (vt.min_size = "1", vt.suffix = "$suffix"), 3: string suffix)
  list<Inner> all()
  void plain(1: i32 a)
}

service RuledStreams {
  Inner up(1: Inner inner) (streaming.mode = "client")
  Inner down(1: Inner inner) (streaming.mode = "server")
  Inner both(1: Inner inner) (streaming.mode = "bidirectional")
}
