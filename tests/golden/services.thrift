include "base.thrift"

struct Request { 1: string text, 2: optional i32 count }
struct Response { 1: string text }
exception Refused { 1: string message, 2: i32 code }

service Second extends First {
  Response last(1: Request request) (api.get = "/last", api.version = "1")
}

/** Comes after what extends it. */
service First extends base.Base {
  // Nobody waits for this.
  oneway void fire(1: string what)
  i32 add(1: i32 a = 1, 2: required i32 b) // the sum
  void nothing()
  list<map<string, Response>> many(1: set<i64> ids, 2: binary blob)
  Response risky(1: Request request) throws (1: Refused refused, 2: base.NotFound missing)
  void mayFail() throws (1: Refused refused)
  base.Color paint(1: base.Color color, 2: base.Timestamp at)
}

service Streams {
  Response up(1: Request request) (streaming.mode = "client")
  Response down(1: Request request) (streaming.mode = "server")
  Response both(1: Request request) (streaming.mode = "bidirectional")
  Response one(1: Request request) (streaming.mode = "unary")
} (tag = "a", tag = "b")
