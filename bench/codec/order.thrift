/** What the codec benchmark encodes: 945 bytes of Binary. After a change: updraft gen bench/codec/order.thrift -o bench/codec/gen */

struct Item {
  1: i32 id
  2: string name
  3: double price
  4: bool ok
}

struct Order {
  1: i64 id
  2: string user
  3: i32 kind
  4: bool flag
  5: double total
  6: list<Item> items
  7: map<string, string> tags
  8: list<i32> codes
}
