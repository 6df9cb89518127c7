import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { type Linked, LinkedList } from "../../../lib/rpc/linked_list.ts";
import { seeded } from "../io/random.ts";

class Item implements Linked<Item> {
  previous: Item | undefined = undefined;
  next: Item | undefined = undefined;
  readonly id: number;
  constructor(id: number) {
    this.id = id;
  }
}

describe("LinkedList", () => {
  it("does what an array does, however items come and go", () => {
    const below = seeded(7);
    const list = new LinkedList<Item>();
    const model: Item[] = [];
    for (let id = 0; id < 2000; id++) {
      if (model.length === 0 || below(5) < 3) {
        const item = new Item(id);
        list.add(item);
        model.push(item);
      } else {
        const [item] = model.splice(below(model.length), 1);
        list.delete(item!);
        assertEquals([item!.previous, item!.next], [undefined, undefined]);
      }
      assertEquals([list.size, list.first?.id], [model.length, model[0]?.id]);
      if (id % 50 === 0) assertEquals(list.all().map((item) => item.id), model.map((item) => item.id));
    }
  });

  it("takes an item again after it was deleted", () => {
    const list = new LinkedList<Item>();
    const [a, b] = [new Item(1), new Item(2)];
    for (const item of [a, b]) list.add(item);
    list.delete(a);
    list.add(a);
    assertEquals(list.all().map((item) => item.id), [2, 1]);
  });
});
