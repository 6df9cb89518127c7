// frame-load is a closed-loop load for length-prefixed protocols (framed Thrift, TTHeader: any with a 4-byte big-endian
// length first). It sends the same frame over and over, with a fresh 4-byte sequence id patched in at -seqoff, reads whole
// frames back, and prints one JSON line: requests per second and latency percentiles. One goroutine a connection, writes
// batched. The built-in frame is a call of echo.thrift's echo with a message of -size bytes.
package main

import (
	"bufio"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"sort"
	"sync"
	"time"
)

func thriftFrame(method string, text string) ([]byte, int) {
	b := []byte{0, 0, 0, 0, 0x80, 1, 0, 1}
	b = binary.BigEndian.AppendUint32(b, uint32(len(method)))
	b = append(b, method...)
	off := len(b)
	b = append(b, 0, 0, 0, 0)
	b = append(b, 12, 0, 1, 11, 0, 1)
	b = binary.BigEndian.AppendUint32(b, uint32(len(text)))
	b = append(b, text...)
	b = append(b, 0, 0)
	binary.BigEndian.PutUint32(b, uint32(len(b)-4))
	return b, off
}

func main() {
	addr := flag.String("addr", "127.0.0.1:9090", "")
	conns := flag.Int("conns", 1, "")
	inflight := flag.Int("inflight", 1, "in-flight calls per connection")
	dur := flag.Duration("d", 3*time.Second, "")
	warm := flag.Duration("warm", time.Second, "")
	size := flag.Int("size", 100, "bytes of the built-in frame's message")
	frameHex := flag.String("frame", "", "hex of a whole frame instead")
	seqoff := flag.Int("seqoff", -1, "offset of the 4-byte sequence id in the frame")
	rseqoff := flag.Int("rseqoff", -1, "offset in the reply (default: same)")
	flag.Parse()
	frame, off := thriftFrame("echo", string(letters(*size)))
	if *frameHex != "" {
		var err error
		frame, err = hex.DecodeString(*frameHex)
		if err != nil {
			panic(err)
		}
		off = *seqoff
	}
	roff := *rseqoff
	if roff < 0 {
		roff = off
	}
	var mu sync.Mutex
	var lats []int32
	var errs int
	var wg sync.WaitGroup
	start := time.Now()
	t0, t1 := start.Add(*warm), start.Add(*warm+*dur)
	for c := 0; c < *conns; c++ {
		wg.Add(1)
		go func() {
			defer wg.Done()
			l, err := one(*addr, frame, off, roff, *inflight, t0, t1)
			mu.Lock()
			lats = append(lats, l...)
			if err != nil {
				errs++
				fmt.Fprintln(os.Stderr, err)
			}
			mu.Unlock()
		}()
	}
	wg.Wait()
	sort.Slice(lats, func(i, j int) bool { return lats[i] < lats[j] })
	p := func(q float64) float64 {
		if len(lats) == 0 {
			return 0
		}
		return float64(lats[int(q*float64(len(lats)-1))]) / 1000
	}
	out, _ := json.Marshal(map[string]any{"rps": int(float64(len(lats)) / dur.Seconds()), "p50ms": p(.5), "p99ms": p(.99), "n": len(lats), "errs": errs, "frame": len(frame)})
	fmt.Println(string(out))
}

func letters(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = 'a' + byte(i%26)
	}
	return b
}

func one(addr string, frame []byte, off, roff, inflight int, t0, t1 time.Time) ([]int32, error) {
	c, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	c.SetDeadline(t1.Add(5 * time.Second))
	r := bufio.NewReaderSize(c, 256<<10)
	mask := 1
	for mask < inflight {
		mask <<= 1
	}
	starts := make([]time.Time, mask) // by slot; the slot travels in the low bits of the sequence id
	var seq uint32
	w := make([]byte, 0, 256<<10)
	lats := make([]int32, 0, 1<<18)
	put := func(slot int) {
		seq++
		n := len(w)
		w = append(w, frame...)
		binary.BigEndian.PutUint32(w[n+off:], (seq<<12&0x7fffffff)|uint32(slot))
		starts[slot] = time.Now()
	}
	for i := 0; i < inflight; i++ {
		put(i)
	}
	buf := make([]byte, 64<<10)
	for {
		if len(w) > 0 {
			if _, err := c.Write(w); err != nil {
				return lats, err
			}
			w = w[:0]
		}
		for {
			h, err := r.Peek(4)
			if err != nil {
				return lats, err
			}
			n := 4 + int(binary.BigEndian.Uint32(h))
			if n > len(buf) {
				buf = make([]byte, n)
			}
			if _, err := io.ReadFull(r, buf[:n]); err != nil {
				return lats, err
			}
			slot := int(binary.BigEndian.Uint32(buf[roff:]) & 0xfff)
			now := time.Now()
			if now.After(t0) {
				if now.After(t1) {
					return lats, nil
				}
				lats = append(lats, int32(now.Sub(starts[slot])/time.Microsecond))
			}
			put(slot)
			if r.Buffered() < 4 {
				break
			}
			h, _ = r.Peek(4)
			if r.Buffered() < 4+int(binary.BigEndian.Uint32(h)) {
				break
			}
		}
	}
}
