package main

import (
	"context"
	"errors"

	"github.com/cloudwego/kitex/pkg/streaming"

	"updraft/interop/kitex_gen/echo"
	"updraft/interop/kitex_gen/echo/streamservice"
	"updraft/interop/kitex_gen/echopb"
	"updraft/interop/kitex_gen/echopb/pbstream"
)

var errKind = errors.New("not for this kind of stream")

type anyStream struct {
	ctx   context.Context
	st    streaming.ClientStream
	sendf func(string) error
	recvf func() (string, error)
	closf func() (string, error)
}

func (s *anyStream) send(m string) error {
	if s.sendf == nil {
		return errKind
	}
	return s.sendf(m)
}
func (s *anyStream) recv() (string, error) {
	if s.recvf == nil {
		return "", errKind
	}
	return s.recvf()
}
func (s *anyStream) closeSend() error { return s.st.CloseSend(s.ctx) }
func (s *anyStream) closeAndRecv() (string, error) {
	if s.closf == nil {
		return "", errKind
	}
	return s.closf()
}
func (s *anyStream) headers() (map[string]string, error)  { return s.st.Header() }
func (s *anyStream) trailers() (map[string]string, error) { return s.st.Trailer() }

type msger interface{ GetMsg() string }

func msgOf[T msger](r T, err error) (string, error) {
	if err != nil {
		return "", err
	}
	return r.GetMsg(), nil
}

func openThrift(ctx context.Context, c streamservice.Client, kind, msg string) (rw, error) {
	switch kind {
	case "bidi":
		st, err := c.Bidi(ctx)
		if err != nil {
			return nil, err
		}
		return &anyStream{ctx: ctx, st: st,
			sendf: func(m string) error { return st.Send(ctx, &echo.EchoRequest{Msg: m}) },
			recvf: func() (string, error) { return msgOf(st.Recv(ctx)) }}, nil
	case "client":
		st, err := c.ClientStream(ctx)
		if err != nil {
			return nil, err
		}
		return &anyStream{ctx: ctx, st: st,
			sendf: func(m string) error { return st.Send(ctx, &echo.EchoRequest{Msg: m}) },
			closf: func() (string, error) { return msgOf(st.CloseAndRecv(ctx)) }}, nil
	}
	st, err := c.ServerStream(ctx, &echo.EchoRequest{Msg: msg})
	if err != nil {
		return nil, err
	}
	return &anyStream{ctx: ctx, st: st, recvf: func() (string, error) { return msgOf(st.Recv(ctx)) }}, nil
}

func openPb(ctx context.Context, c pbstream.Client, kind, msg string) (rw, error) {
	switch kind {
	case "bidi":
		st, err := c.Bidi(ctx)
		if err != nil {
			return nil, err
		}
		return &anyStream{ctx: ctx, st: st,
			sendf: func(m string) error { return st.Send(ctx, &echopb.EchoRequest{Msg: m}) },
			recvf: func() (string, error) { return msgOf(st.Recv(ctx)) }}, nil
	case "client":
		st, err := c.ClientStream(ctx)
		if err != nil {
			return nil, err
		}
		return &anyStream{ctx: ctx, st: st,
			sendf: func(m string) error { return st.Send(ctx, &echopb.EchoRequest{Msg: m}) },
			closf: func() (string, error) { return msgOf(st.CloseAndRecv(ctx)) }}, nil
	}
	st, err := c.ServerStream(ctx, &echopb.EchoRequest{Msg: msg})
	if err != nil {
		return nil, err
	}
	return &anyStream{ctx: ctx, st: st, recvf: func() (string, error) { return msgOf(st.Recv(ctx)) }}, nil
}
