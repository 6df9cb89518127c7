include "base.thrift"

enum Level { LOW = -1, NONE, HIGH }
struct Item { 1: i32 id, 2: Level level = Level.NONE, 3: list<i32> tags = [1], 4: optional Item next }
union Either { 1: i32 left, 2: string right }
exception Problem { 1: string message, 2: i32 code = 5 }

const bool YES = true
const bool ALSO = 1
const i8 TINY = -128
const i32 HEX = 0xFF
const i32 OCTAL = 0o17
const i32 NEXT = HEX
const i64 MAX = 9223372036854775807
const i64 MIN = -9223372036854775808
const double HALF = .5
const double WHOLE = 3
const double SMALL = 1.5E-30
const double MINUS_ZERO = -0.0
const string TEXT = 'it\'s "quoted"\n\x41\101\u65b0\U0001F600\\'
const string LINES = "one
two"
const binary BYTES = "a\x00\xff"
const binary NO_BYTES = ""
const Level LEVEL = Level.HIGH
const Level OTHER = 7
const base.Color COLOR = base.Color.RED
const i32 COLOR_NUMBER = base.Color.BLUE
const list<i32> NUMBERS = [1, HEX, Level.HIGH]
const list<string> NONE = []
const set<i64> IDS = [1, 2]
const map<string, list<i32>> TABLE = {"a": [1, 2], "b": NUMBERS}
const map<Level, Item> ITEMS = {Level.LOW: {"id": 1}, 1: {"id": 2, "next": {"id": 3}}}
const Item ITEM = {"id": 9, "tags": []}
const Either EITHER = {"right": "x"}
const Problem PROBLEM = {"message": "bad"}
const base.Point HERE = base.ORIGIN
const list<base.Point> PATH = [HERE, {"x": 1}]
const uuid ID = "00112233-4455-6677-8899-aabbccddeeff"
const list<list<string>> LONG_LIST = [["alpha", "beta", "gamma"], ["delta", "epsilon", "zeta"], ["eta", "theta", "iota", "kappa"]]
