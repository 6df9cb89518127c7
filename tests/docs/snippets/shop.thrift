namespace * shop

typedef i64 Cents

/** What an order is doing. */
enum State {
  OPEN = 1
  PAID = 2
}

struct Line {
  1: required string article
  2: Cents price
  3: i32 count = 1
}

union Payment {
  1: string card
  2: Cents voucher
}

struct Order {
  1: string id
  2: State state
  3: list<Line> lines
  4: set<string> tags
  5: map<string, binary> files
  6: optional Payment payment
  7: optional i64 placed (js.type = "number")
  8: map<string, string> labels (js.type = "object")
  9: Line gift
}

exception Refused {
  1: i32 code
  2: string message
}

service Shop {
  Order place(1: Order order) throws (1: Refused refused)
  oneway void viewed(1: string article)
}
