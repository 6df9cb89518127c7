package main

import (
	"context"
	"fmt"
	"math/bits"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"updraft/interop/kitex_gen/echo"
	"updraft/interop/kitex_gen/echo/echoservice"
	"updraft/interop/kitex_gen/echo/streamservice"
	"updraft/interop/kitex_gen/echopb"
	"updraft/interop/kitex_gen/echopb/pbecho"
	"updraft/interop/kitex_gen/echopb/pbstream"
)

// hist: log-linear, 64 steps for each power of two, in nanoseconds.
type hist struct{ b [64 * 64]int64 }

func (h *hist) add(d time.Duration) {
	v := uint64(d)
	if v < 64 {
		h.b[v]++
		return
	}
	e := bits.Len64(v) - 7
	h.b[(e+1)*64+int(v>>e)-64]++
}
func (h *hist) q(total int64, q float64) time.Duration {
	want, seen := int64(q*float64(total)), int64(0)
	for i, n := range h.b {
		seen += n
		if seen > want {
			if i < 64 {
				return time.Duration(i)
			}
			e := i/64 - 1
			return time.Duration(uint64(i%64+64) << e)
		}
	}
	return 0
}

// each returns one worker's call.
func each(p *proto) func() func(ctx context.Context) error {
	payload := strings.Repeat("x", *size)
	switch {
	case p.stream && p.pb: // one bidi stream a worker, ping-pong
		c := pbstream.MustNewClient("PbEcho", p.options(true)...)
		return func() func(context.Context) error {
			var st pbstream.PbStream_BidiClient
			req := &echopb.EchoRequest{Msg: payload}
			return func(ctx context.Context) (err error) {
				if st == nil {
					if st, err = c.Bidi(ctx); err != nil {
						return err
					}
				}
				if err = st.Send(ctx, req); err != nil {
					return err
				}
				r, err := st.Recv(ctx)
				if err == nil && len(r.Msg) != len(payload) {
					err = fmt.Errorf("short")
				}
				return err
			}
		}
	case p.stream:
		c := streamservice.MustNewClient("EchoService", p.options(true)...)
		return func() func(context.Context) error {
			var st streamservice.StreamService_bidiClient
			req := &echo.EchoRequest{Msg: payload}
			return func(ctx context.Context) (err error) {
				if st == nil {
					if st, err = c.Bidi(ctx); err != nil {
						return err
					}
				}
				if err = st.Send(ctx, req); err != nil {
					return err
				}
				r, err := st.Recv(ctx)
				if err == nil && len(r.Msg) != len(payload) {
					err = fmt.Errorf("short")
				}
				return err
			}
		}
	case p.pb:
		c := pbecho.MustNewClient("PbEcho", p.options(false)...)
		return func() func(context.Context) error {
			return func(ctx context.Context) error {
				r, err := c.Echo(ctx, &echopb.EchoRequest{Msg: payload})
				if err == nil && len(r.Msg) != len(payload) {
					err = fmt.Errorf("short")
				}
				return err
			}
		}
	default:
		c := echoservice.MustNewClient("EchoService", p.options(false)...)
		return func() func(context.Context) error {
			return func(ctx context.Context) error {
				r, err := c.Echo(ctx, &echo.EchoRequest{Msg: payload})
				if err == nil && len(r.Msg) != len(payload) {
					err = fmt.Errorf("short")
				}
				return err
			}
		}
	}
}

func load(p *proto) {
	mk := each(p)
	total := &hist{}
	var mu sync.Mutex
	var fails, done atomic.Int64
	var firstErr atomic.Value
	var measuring, stop atomic.Bool
	var left atomic.Int64
	left.Store(*count)
	ctx := context.Background()
	var wg sync.WaitGroup
	for i := 0; i < *conc; i++ {
		wg.Add(1)
		go func() {
			defer wg.Done()
			call, h := mk(), &hist{}
			for !stop.Load() {
				m := measuring.Load()
				if *count > 0 && m && left.Add(-1) < 0 {
					break
				}
				t := time.Now()
				err := call(ctx)
				if !m {
					continue
				}
				if err != nil {
					firstErr.CompareAndSwap(nil, err.Error())
					fails.Add(1)
					continue
				}
				h.add(time.Since(t))
				done.Add(1)
			}
			mu.Lock()
			for i, n := range h.b {
				total.b[i] += n
			}
			mu.Unlock()
		}()
	}
	time.Sleep(*warm)
	measuring.Store(true)
	start := time.Now()
	if *count <= 0 {
		time.Sleep(*dur)
		stop.Store(true)
	}
	wg.Wait()
	el, n := time.Since(start), done.Load()
	us := func(q float64) float64 { return float64(total.q(n, q)) / 1e3 }
	fmt.Printf("LOAD proto=%s conn=%s c=%d size=%d dur=%.1fs reqs=%d errs=%d qps=%.0f p50=%.0fus p99=%.0fus p999=%.0fus\n",
		*protoName, *conn, *conc, *size, el.Seconds(), n, fails.Load(), float64(n)/el.Seconds(), us(.5), us(.99), us(.999))
	if e := firstErr.Load(); e != nil {
		fmt.Println("first error:", e)
		os.Exit(1)
	}
}
