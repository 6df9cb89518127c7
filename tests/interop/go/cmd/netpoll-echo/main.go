// netpoll-echo echoes 4-byte big-endian length-prefixed frames on the real Netpoll.
package main

import (
	"context"
	"encoding/binary"
	"flag"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/cloudwego/netpoll"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:8900", "address to listen on")
	flag.Parse()
	ln, err := netpoll.CreateListener("tcp", *addr)
	if err != nil {
		log.Fatal(err)
	}
	loop, err := netpoll.NewEventLoop(func(ctx context.Context, c netpoll.Connection) error {
		r, w := c.Reader(), c.Writer()
		for {
			head, err := r.Peek(4)
			if err != nil {
				return err
			}
			n := 4 + int(binary.BigEndian.Uint32(head))
			if n > 64<<20 {
				return c.Close()
			}
			frame, err := r.Next(n)
			if err != nil {
				return err
			}
			out, err := w.Malloc(n)
			if err != nil {
				return err
			}
			copy(out, frame)
			if err = r.Release(); err != nil {
				return err
			}
			if r.Len() < 4 {
				return w.Flush()
			}
		}
	}, netpoll.WithIdleTimeout(10*time.Minute))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("netpoll-echo pid=%d addr=%s\n", os.Getpid(), *addr)
	log.Fatal(loop.Serve(ln))
}
