// kitex-server serves echo.thrift and echo.proto on the real Kitex: the peer that clients are checked against, and
// what servers are measured beside. Addresses are host:port (port 0: the system chooses) or unix:path; it prints the real
// ones when it is ready and ends on SIGTERM or SIGINT.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/bytedance/gopkg/cloud/metainfo"
	"github.com/cloudwego/kitex/pkg/kerrors"
	"github.com/cloudwego/kitex/pkg/klog"
	_ "github.com/cloudwego/kitex/pkg/remote/codec/protobuf/encoding/gzip" // else Kitex fails any caller that accepts gzip
	"github.com/cloudwego/kitex/pkg/remote/codec/thrift"
	"github.com/cloudwego/kitex/pkg/remote/trans/nphttp2/codes"
	"github.com/cloudwego/kitex/pkg/remote/trans/nphttp2/status"
	"github.com/cloudwego/kitex/pkg/rpcinfo"
	"github.com/cloudwego/kitex/pkg/streaming"
	"github.com/cloudwego/kitex/pkg/transmeta"
	"github.com/cloudwego/kitex/server"

	"updraft/interop/kitex_gen/echo"
	"updraft/interop/kitex_gen/echo/echoservice"
	"updraft/interop/kitex_gen/echo/streamservice"
	"updraft/interop/kitex_gen/echopb"
	"updraft/interop/kitex_gen/echopb/pbecho"
	"updraft/interop/kitex_gen/echopb/pbstream"
)

var (
	notifyMu sync.Mutex
	notifies []string
)

func info(ctx context.Context) (t, p map[string]string, from, to, method string) {
	t, p = map[string]string{}, map[string]string{}
	for k, v := range metainfo.GetAllValues(ctx) {
		t[k] = v
	}
	for k, v := range metainfo.GetAllPersistentValues(ctx) {
		p[k] = v
	}
	if ri := rpcinfo.GetRPCInfo(ctx); ri != nil {
		if ri.From() != nil {
			from = ri.From().ServiceName()
		}
		if ri.To() != nil {
			to, method = ri.To().ServiceName(), ri.To().Method()
		}
	}
	return
}

type thriftImpl struct{}

func (thriftImpl) Echo(ctx context.Context, req *echo.EchoRequest) (*echo.EchoResponse, error) {
	return &echo.EchoResponse{Msg: req.Msg, All: req.All}, nil
}
func (thriftImpl) EchoAll(ctx context.Context, v *echo.AllTypes) (*echo.AllTypes, error) {
	return v, nil
}
func (thriftImpl) EchoString(ctx context.Context, s string) (string, error) { return s, nil }
func (thriftImpl) EchoBinary(ctx context.Context, b []byte) ([]byte, error) { return b, nil }
func (thriftImpl) Add(ctx context.Context, a, b int64) (int64, error)       { return a + b, nil }
func (thriftImpl) Ping(ctx context.Context) error                           { return nil }
func (thriftImpl) Notify(ctx context.Context, msg string) error {
	notifyMu.Lock()
	defer notifyMu.Unlock()
	if len(notifies) > 1000 {
		notifies = notifies[500:]
	}
	notifies = append(notifies, msg)
	return nil
}
func (thriftImpl) Notified(ctx context.Context) ([]string, error) {
	notifyMu.Lock()
	defer notifyMu.Unlock()
	return append([]string{}, notifies...), nil
}
func (thriftImpl) Fail(ctx context.Context, kind string) (string, error) {
	switch kind {
	case "declared":
		return "", &echo.EchoException{Code: 42, Message: "declared"}
	case "other":
		return "", &echo.OtherException{Reason: "other", Details: []string{"d1", "d2"}}
	case "plain":
		return "", errors.New("plain go error")
	case "panic":
		panic("asked to panic")
	}
	return kind, nil
}
func (thriftImpl) BizError(ctx context.Context, code int32, msg string, extra map[string]string) (string, error) {
	if code == 0 {
		return "ok", nil
	}
	return "", kerrors.NewBizStatusErrorWithExtra(code, msg, extra)
}
func (thriftImpl) Sleep(ctx context.Context, ms int32) (string, error) {
	time.Sleep(time.Duration(ms) * time.Millisecond)
	return "slept " + strconv.Itoa(int(ms)), nil
}
func (thriftImpl) Meta(ctx context.Context) (*echo.MetaInfo, error) {
	metainfo.SendBackwardValue(ctx, "back-k1", "back-v1")
	metainfo.SendBackwardValue(ctx, "BACK_K2", "back-v2")
	t, p, from, to, method := info(ctx)
	return &echo.MetaInfo{TransientKV: t, PersistentKV: p, Caller: from, Callee: to, Method: method}, nil
}

// splitN reads "N:text" as N copies of text, "err:CODE" as an asked-for biz status error.
func splitN(msg string) (n int, text string, code int32) {
	head, text, ok := strings.Cut(msg, ":")
	if !ok {
		return 1, msg, 0
	}
	if head == "err" {
		c, _ := strconv.Atoi(text)
		return 1, "before-error", int32(c)
	}
	n, err := strconv.Atoi(head)
	if err != nil {
		return 1, msg, 0
	}
	return n, text, 0
}

func recvErr(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

type streamImpl struct{}

func (streamImpl) Bidi(ctx context.Context, st echo.StreamService_bidiServer) error {
	_ = st.SetHeader(streaming.Header{"srv-header": "h1"})
	_ = st.SetTrailer(streaming.Trailer{"srv-trailer": "t1"})
	for {
		req, err := st.Recv(ctx)
		if err != nil {
			return recvErr(err)
		}
		if err = st.Send(ctx, &echo.EchoResponse{Msg: req.Msg, All: req.All}); err != nil {
			return err
		}
	}
}
func (streamImpl) ClientStream(ctx context.Context, st echo.StreamService_clientStreamServer) error {
	var got []string
	for {
		req, err := st.Recv(ctx)
		if err != nil {
			if !errors.Is(err, io.EOF) {
				return err
			}
			return st.SendAndClose(ctx, &echo.EchoResponse{Msg: strings.Join(got, ",")})
		}
		got = append(got, req.Msg)
	}
}
func (streamImpl) ServerStream(ctx context.Context, req *echo.EchoRequest, st echo.StreamService_serverStreamServer) error {
	n, text, code := splitN(req.Msg)
	for i := 0; i < n; i++ {
		if err := st.Send(ctx, &echo.EchoResponse{Msg: fmt.Sprintf("%s-%d", text, i), All: req.All}); err != nil {
			return err
		}
	}
	if code != 0 {
		return kerrors.NewBizStatusErrorWithExtra(code, "stream biz error", map[string]string{"k": "v"})
	}
	return nil
}
func (streamImpl) StreamUnary(ctx context.Context, req *echo.EchoRequest) (*echo.EchoResponse, error) {
	return &echo.EchoResponse{Msg: req.Msg, All: req.All}, nil
}

type pbImpl struct{}

func (pbImpl) Echo(ctx context.Context, req *echopb.EchoRequest) (*echopb.EchoResponse, error) {
	return &echopb.EchoResponse{Msg: req.Msg, All: req.All}, nil
}
func (pbImpl) Sleep(ctx context.Context, req *echopb.SleepRequest) (*echopb.EchoResponse, error) {
	time.Sleep(time.Duration(req.Ms) * time.Millisecond)
	return &echopb.EchoResponse{Msg: "slept " + strconv.Itoa(int(req.Ms))}, nil
}
func (pbImpl) Fail(ctx context.Context, req *echopb.FailRequest) (*echopb.EchoResponse, error) {
	switch req.Kind {
	case "plain":
		return nil, errors.New("plain go error")
	case "panic":
		panic("asked to panic")
	case "status":
		return nil, status.Err(codes.FailedPrecondition, "declared")
	}
	return &echopb.EchoResponse{Msg: req.Kind}, nil
}
func (pbImpl) BizError(ctx context.Context, req *echopb.BizRequest) (*echopb.EchoResponse, error) {
	if req.Code == 0 {
		return &echopb.EchoResponse{Msg: "ok"}, nil
	}
	return nil, kerrors.NewBizStatusErrorWithExtra(req.Code, req.Msg, req.Extra)
}
func (pbImpl) Meta(ctx context.Context, _ *echopb.Empty) (*echopb.MetaInfo, error) {
	metainfo.SendBackwardValue(ctx, "back-k1", "back-v1")
	metainfo.SendBackwardValue(ctx, "BACK_K2", "back-v2")
	t, p, from, to, method := info(ctx)
	return &echopb.MetaInfo{TransientKV: t, PersistentKV: p, Caller: from, Callee: to, Method: method}, nil
}

type pbStreamImpl struct{}

func (pbStreamImpl) Bidi(ctx context.Context, st echopb.PbStream_BidiServer) error {
	_ = st.SetHeader(streaming.Header{"srv-header": "h1"})
	_ = st.SetTrailer(streaming.Trailer{"srv-trailer": "t1"})
	for {
		req, err := st.Recv(ctx)
		if err != nil {
			return recvErr(err)
		}
		if err = st.Send(ctx, &echopb.EchoResponse{Msg: req.Msg, All: req.All}); err != nil {
			return err
		}
	}
}
func (pbStreamImpl) ClientStream(ctx context.Context, st echopb.PbStream_ClientStreamServer) error {
	var got []string
	for {
		req, err := st.Recv(ctx)
		if err != nil {
			if !errors.Is(err, io.EOF) {
				return err
			}
			return st.SendAndClose(ctx, &echopb.EchoResponse{Msg: strings.Join(got, ",")})
		}
		got = append(got, req.Msg)
	}
}
func (pbStreamImpl) ServerStream(ctx context.Context, req *echopb.EchoRequest, st echopb.PbStream_ServerStreamServer) error {
	n, text, code := splitN(req.Msg)
	for i := 0; i < n; i++ {
		if err := st.Send(ctx, &echopb.EchoResponse{Msg: fmt.Sprintf("%s-%d", text, i), All: req.All}); err != nil {
			return err
		}
	}
	if code != 0 {
		return kerrors.NewBizStatusErrorWithExtra(code, "stream biz error", map[string]string{"k": "v"})
	}
	return nil
}
func (pbStreamImpl) StreamUnary(ctx context.Context, req *echopb.EchoRequest) (*echopb.EchoResponse, error) {
	return &echopb.EchoResponse{Msg: req.Msg, All: req.All}, nil
}

func listen(addr string) net.Listener {
	network := "tcp"
	if path, ok := strings.CutPrefix(addr, "unix:"); ok {
		network, addr = "unix", path
	}
	ln, err := net.Listen(network, addr)
	if err != nil {
		log.Fatal(err)
	}
	return ln
}

func opts(ln net.Listener, name string, mux bool) []server.Option {
	o := []server.Option{
		server.WithListener(ln),
		server.WithMetaHandler(transmeta.ServerTTHeaderHandler),
		server.WithMetaHandler(transmeta.ServerHTTP2Handler),
		server.WithServerBasicInfo(&rpcinfo.EndpointBasicInfo{ServiceName: name}),
		// The process ends them all itself.
		server.WithExitSignal(func() <-chan error { return make(chan error) }),
		server.WithExitWaitTime(100 * time.Millisecond),
		server.WithCompatibleMiddlewareForUnary(),
	}
	if *skipDecoder {
		o = append(o, server.WithPayloadCodec(thrift.NewThriftCodecWithConfig(thrift.FastRead|thrift.FastWrite|thrift.EnableSkipDecoder)))
	}
	if mux {
		o = append(o, server.WithMuxTransport())
	}
	return o
}

var skipDecoder = flag.Bool("skipdecoder", false, "fast codec on Buffered too (SkipDecoder)")

func main() {
	names := []string{"thrift", "thriftmux", "pb", "pbmux"}
	addrs := []*string{
		flag.String("thrift", "127.0.0.1:0", "Thrift: buffered, framed, ttheader, grpc, ttheader streaming; empty: off"),
		flag.String("thriftmux", "127.0.0.1:0", "Thrift, mux transport; empty: off"),
		flag.String("pb", "127.0.0.1:0", "Protobuf: framed, ttheader, grpc; empty: off"),
		flag.String("pbmux", "127.0.0.1:0", "Protobuf, mux transport; empty: off"),
	}
	verbose := flag.Bool("v", false, "keep Kitex's log")
	flag.Parse()
	if !*verbose {
		klog.SetLevel(klog.LevelFatal)
	}
	must := func(err error) {
		if err != nil {
			log.Fatal(err)
		}
	}
	line := fmt.Sprintf("kitex-server pid=%d", os.Getpid())
	for i, addr := range addrs {
		if *addr == "" {
			continue
		}
		ln := listen(*addr)
		mux := i%2 == 1
		if i < 2 {
			s := server.NewServer(opts(ln, "EchoService", mux)...)
			must(echoservice.RegisterService(s, &thriftImpl{}))
			must(streamservice.RegisterService(s, &streamImpl{}))
			go func() { must(s.Run()) }()
		} else {
			s := server.NewServer(opts(ln, "PbEcho", mux)...)
			must(pbecho.RegisterService(s, &pbImpl{}))
			must(pbstream.RegisterService(s, &pbStreamImpl{}))
			go func() { must(s.Run()) }()
		}
		if where := ln.Addr(); where.Network() == "unix" {
			line += " " + names[i] + "=unix:" + where.String()
		} else {
			line += " " + names[i] + "=" + where.String()
		}
	}
	fmt.Println(line)
	c := make(chan os.Signal, 1)
	signal.Notify(c, os.Interrupt, syscall.SIGTERM)
	<-c
}
