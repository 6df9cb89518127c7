// raw-load loads an echo server: one request at a time on each of -c connections, with the plain Go net package.
// -mode frame: 4-byte big-endian length-prefixed echo; -mode http: POST to -path, keep-alive.
package main

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"sort"
	"sync"
	"sync/atomic"
	"time"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:8900", "server")
	network := flag.String("net", "tcp", "tcp or unix")
	mode := flag.String("mode", "frame", "frame or http")
	path := flag.String("path", "/echo", "http: path")
	conc := flag.Int("c", 50, "connections")
	dur := flag.Duration("d", 10*time.Second, "time")
	warm := flag.Duration("warm", time.Second, "time before measuring")
	size := flag.Int("size", 100, "payload bytes")
	flag.Parse()
	payload := bytes.Repeat([]byte("x"), *size)
	var req []byte
	if *mode == "http" {
		req = append([]byte(fmt.Sprintf("POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n", *path, *size)), payload...)
	} else {
		req = append(binary.BigEndian.AppendUint32(nil, uint32(*size)), payload...)
	}
	var measuring, stop atomic.Bool
	var errs atomic.Int64
	var first atomic.Value
	lat := make([][]uint32, *conc)
	var wg sync.WaitGroup
	for i := 0; i < *conc; i++ {
		c, err := net.Dial(*network, *addr)
		if err != nil {
			log.Fatal(err)
		}
		wg.Add(1)
		go func() {
			defer wg.Done()
			defer c.Close()
			r := bufio.NewReaderSize(c, 64<<10)
			buf := make([]byte, len(req))
			for !stop.Load() {
				m := measuring.Load()
				t := time.Now()
				_, err := c.Write(req)
				if err == nil {
					if *mode == "http" {
						var rs *http.Response
						if rs, err = http.ReadResponse(r, nil); err == nil {
							var n int64
							n, err = io.Copy(io.Discard, rs.Body)
							if err == nil && (rs.StatusCode != 200 || n != int64(*size)) {
								err = fmt.Errorf("status %d, %d bytes", rs.StatusCode, n)
							}
						}
					} else if _, err = io.ReadFull(r, buf); err == nil && !bytes.Equal(buf, req) {
						err = fmt.Errorf("echo differs")
					}
				}
				if err != nil {
					first.CompareAndSwap(nil, err.Error())
					errs.Add(1)
					return
				}
				if m {
					lat[i] = append(lat[i], uint32(time.Since(t)/time.Microsecond))
				}
			}
		}()
	}
	time.Sleep(*warm)
	measuring.Store(true)
	start := time.Now()
	time.Sleep(*dur)
	stop.Store(true)
	wg.Wait()
	el := time.Since(start)
	var all []uint32
	for _, l := range lat {
		all = append(all, l...)
	}
	sort.Slice(all, func(i, j int) bool { return all[i] < all[j] })
	q := func(f float64) uint32 {
		if len(all) == 0 {
			return 0
		}
		return all[int(f*float64(len(all)-1))]
	}
	fmt.Printf("LOAD proto=raw-%s conn=longpool c=%d size=%d dur=%.1fs reqs=%d errs=%d qps=%.0f p50=%dus p99=%dus p999=%dus\n",
		*mode, *conc, *size, el.Seconds(), len(all), errs.Load(), float64(len(all))/el.Seconds(), q(.5), q(.99), q(.999))
	if e := first.Load(); e != nil {
		fmt.Println("first error:", e)
		os.Exit(1)
	}
}
