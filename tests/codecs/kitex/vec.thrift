// The services behind the recordings of Kitex beside this file.
namespace go vec

struct Req {
  1: i32 n,
  2: optional string s,
}
struct Resp { 1: i32 n }
exception Bad { 1: i32 code }

service Vec {
  Resp add(1: Req r)
  void nop(1: Req r)
  oneway void fire(1: Req r)
  Resp fail(1: Req r)
  Resp biz(1: Req r)
  Resp addu(1: Req r) (streaming.mode="unary")
  Resp bizu(1: Req r) (streaming.mode="unary")
  Resp failu(1: Req r) (streaming.mode="unary")
  Resp throwu(1: Req r) throws (1: Bad b)
  Req bidi(1: Req r) (streaming.mode="bidirectional")
}

service Vec2 extends Vec {
  Resp nosuch(1: Req r)
}
