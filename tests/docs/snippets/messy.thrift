namespace go shop
/** An order. */
struct Order{1:required string id,   2: list< Line >lines; // at least one
3: optional string note (go.tag = "json:\"note,omitempty\"", api.query = "note", api.vd = "len($) < 200") }
enum State { NEW=0, PAID=1 }
service Shop{
  Order place(1:Order order)throws(1:Refused refused);
}
struct Line { 1: string article } exception Refused {}
