// The contract of the examples and of the demo.
namespace * greeter

/** Whom to greet. */
struct HelloRequest {
  /** A name, not empty. */
  1: string name
  2: optional string language = "en"
}

/** The greeting. */
struct HelloResponse {
  1: string text
}

/** There is no such account. */
exception NotFound {
  1: string id
  2: string message
}

/** Greets people. */
service Greeter {
  /** Greets one person. */
  HelloResponse hello(1: HelloRequest request)
  /** Adds two numbers, all 64 bits of them. */
  i64 add(1: i64 a, 2: i64 b)
  /** Leaves a note; nobody waits for an answer. */
  oneway void note(1: string text)
  /** How many notes were left. */
  i32 notes()
  /** The balance of an account. */
  i64 balance(1: string id) throws (1: NotFound notFound)
}
