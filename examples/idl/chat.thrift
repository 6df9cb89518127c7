namespace * chat

/** What somebody said. */
struct Line {
  1: string from
  2: string text
}

/** How many lines to give. */
struct Query {
  1: i32 last
}

/** How many lines were taken. */
struct Count {
  1: i32 lines
}

/** A room where people talk. */
service Chat {
  /** Says lines to the room, and hears its answers. */
  Line talk(1: Line line) (streaming.mode = "bidirectional")
  /** Takes lines said elsewhere. */
  Count load(1: Line line) (streaming.mode = "client")
  /** Gives the last lines, oldest first. */
  Line history(1: Query query) (streaming.mode = "server")
}
