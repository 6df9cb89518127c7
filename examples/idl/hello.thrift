namespace * hello

/** Whom to greet. */
struct HelloRequest {
  1: string name
}

/** The greeting. */
struct HelloResponse {
  1: string text
}

/** Greets people. */
service Hello {
  HelloResponse hello(1: HelloRequest request)
}
