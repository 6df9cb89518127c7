include "base/common.thrift"
cpp_include "<vector>"
namespace go shop

const string GREETING = 'it is "here"'
const double RATE = 1.0
const double TINY = -0.0025
const list<common.Unit> UNITS = [common.Unit.PIECE, common.DEFAULT_UNIT, 17]
const map<string, i64> LIMITS = {"all": common.LIMIT, "none": -1}
const Article SAMPLE = {"name": "tea", "tags": ["hot", "green"], "price": 250}

service Shop extends Base {
  /** Finds an article.
   *  Or does not. */
  Article find(1: required string name, 2: bool exact = true) throws (1: common.Refused refused) (api.get = "/find")
  // Nobody waits for this.
  oneway void seen(1: Article article)
  map<i32, set<string>> index(1: common.Units units, 2: common.Measure measure)
}

typedef list<Article> (cpp.template = "vector") Articles

/**
 * An article.
 * With a doc of two lines.
 */
struct Article {
  1: required string name (vt.min_size = "1", vt.max_size = "20") // what it is called
  /** In cents. */
  2: i64 price = 1 (vt.gt = "0", js.type = "number")
  3: optional set<string> tags
  -4: optional binary blob
  7: double weight = 1.5,
  8: bool sold = false;
  9: common.Unit unit = common.Unit.LITRE
  10: optional Article next
  byte level
  12: i16 short = 0x7f
}

union Payment {
  1: string card (vt.prefix = "c")
  2: Articles goods
  3: map<string, list<common.Unit>> units = {"a": [common.Unit.PIECE]}
}

/** Comes after what extends it. */
service Base {
  void ping()
}

service Streams {
  Article up(1: Article a) (streaming.mode = "client")
  Article down(1: Article a) (streaming.mode = "server")
  Article both(1: Article a) (streaming.mode = "bidirectional")
}

struct class {
  1: i32 constructor
  2: string default
}
