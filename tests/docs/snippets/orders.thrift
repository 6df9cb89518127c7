struct Item {
  1: string article (vt.pattern = "^[A-Z]{2}-\\d+$")
  2: i32 count (vt.gt = "0", vt.le = "$most")
  3: i32 most = 10
}

struct Order {
  1: string customer (vt.min_size = "1", vt.max_rune_size = "40")
  2: list<Item> items (vt.min_size = "1")
  3: optional string voucher (vt.prefix = "V-")
} (vt.assert = "@equal(@mod(@len($items), 2), 0)")

service Orders {
  i32 place(1: Order order, 2: string note (vt.max_size = "200"))
}
