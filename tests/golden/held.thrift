// Generated with i64 as numbers and maps as objects.
struct Counters {
  1: i64 total
  2: map<string, i64> byName
  3: map<i64, string> byId
  4: list<i64> all = [1, 2]
  5: i64 exact (js.type = "bigint")
  6: map<string, list<i64>> lists (js.type = "Map")
  7: map<string, i64> preset = {"a": 1, "__proto__": 2}
}
const i64 LARGE = 9007199254740991
const map<string, i32> TABLE = {"a": 1}
service Counter { i64 add(1: i64 by, 2: map<string, i64> more) }
