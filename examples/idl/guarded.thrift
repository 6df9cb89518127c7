struct Member {
  1: string name (vt.min_size = "1")
  2: i32 age (vt.ge = "0", vt.le = "150")
}

service Guarded {
  string join(1: Member member)
}
