// kitex-registry is a real Kitex service or client that finds the other through a registry:
//
//	kitex-registry -backend etcd|consul|zookeeper -registry HOST:PORT -service NAME [-proto P] [-id ID] serve
//	kitex-registry -backend etcd|consul|zookeeper -registry HOST:PORT -service NAME [-proto P] -n COUNT call
//	kitex-registry -backend etcd|consul|zookeeper -registry HOST:PORT -service NAME [-proto P] -c CALLERS load
//
// serve prints "registered ADDRESS" once the service listens, and leaves the registry on SIGTERM or SIGINT; with an id it says in each
// answer who gave it. call makes COUNT calls one after the other and prints "N passed, N failed". load has CALLERS at work until its
// input ends, prints "calling" when each of them was answered, and at the end the same line. P is ttheader, mux or grpc.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"os/signal"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/cloudwego/kitex/client"
	"github.com/cloudwego/kitex/pkg/connpool"
	"github.com/cloudwego/kitex/pkg/discovery"
	"github.com/cloudwego/kitex/pkg/klog"
	"github.com/cloudwego/kitex/pkg/loadbalance"
	"github.com/cloudwego/kitex/pkg/loadbalance/lbcache"
	"github.com/cloudwego/kitex/pkg/registry"
	"github.com/cloudwego/kitex/pkg/rpcinfo"
	"github.com/cloudwego/kitex/pkg/transmeta"
	"github.com/cloudwego/kitex/server"
	"github.com/cloudwego/kitex/transport"
	consulapi "github.com/hashicorp/consul/api"
	consul "github.com/kitex-contrib/registry-consul"
	etcd "github.com/kitex-contrib/registry-etcd"

	"updraft/interop/kitex_gen/echo"
	"updraft/interop/kitex_gen/echo/echoservice"
)

var (
	backend = flag.String("backend", "etcd", "etcd, consul or zookeeper")
	address = flag.String("registry", "", "address of the registry")
	service = flag.String("service", "echo", "name of the service")
	count   = flag.Int("n", 10, "call: calls to make")
	callers = flag.Int("c", 8, "load: callers at once")
	proto   = flag.String("proto", "ttheader", "ttheader, mux (of TTHeader) or grpc")
	id      = flag.String("id", "", "serve: who answers")
)

// pause is between the calls of one caller, so that several programs share a machine.
const pause = 2 * time.Millisecond

// refresh is how often the client asks the registry: Kitex's own 5 s would make servers that leave wait as long.
const refresh = 500 * time.Millisecond

// leave is how long a service that multiplexes goes on after it left the registry: once Kitex has told its callers that it closes, it
// drops the answers to what they had sent before they heard of it.
const leave = 300 * time.Millisecond

// leaving is a registry that gives callers time to hear that a service left.
type leaving struct{ registry.Registry }

func (l leaving) Deregister(info *registry.Info) error {
	err := l.Registry.Deregister(info)
	time.Sleep(leave)
	return err
}

type handler struct{ echo.EchoService }

func (handler) EchoString(_ context.Context, s string) (string, error) {
	if *id != "" {
		return s + " by " + *id, nil
	}
	return s, nil
}

func main() {
	flag.Parse()
	klog.SetLevel(klog.LevelError)
	switch flag.Arg(0) {
	case "serve":
		serve()
	case "call":
		call()
	case "load":
		load()
	default:
		log.Fatal("serve, call or load?")
	}
}

func serve() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	exit := make(chan os.Signal, 1)
	signal.Notify(exit, syscall.SIGTERM, syscall.SIGINT)
	options := []server.Option{
		server.WithListener(listener),
		server.WithRegistry(newRegistry()),
		server.WithServerBasicInfo(&rpcinfo.EndpointBasicInfo{ServiceName: *service}),
		server.WithRegistryInfo(&registry.Info{ServiceName: *service, Addr: listener.Addr(), Weight: 7, Tags: map[string]string{"lang": "go"}}),
		server.WithMetaHandler(transmeta.ServerTTHeaderHandler),
		server.WithExitSignal(func() <-chan error {
			done := make(chan error, 1)
			go func() { <-exit; done <- nil }()
			return done
		}),
	}
	if *proto == "mux" {
		options = append(options, server.WithMuxTransport(), server.WithRegistry(leaving{newRegistry()}))
	}
	s := echoservice.NewServer(&handler{}, options...)
	server.RegisterStartHook(func() { fmt.Println("registered", listener.Addr()) })
	check(s.Run())
}

func newClient() echoservice.Client {
	options := []client.Option{
		client.WithResolver(newResolver()),
		client.WithLoadBalancer(loadbalance.NewWeightedBalancer(), &lbcache.Options{RefreshInterval: refresh, ExpireInterval: time.Minute}),
		client.WithRPCTimeout(5 * time.Second),
		client.WithConnectTimeout(time.Second),
	}
	ttheader := []client.Option{
		client.WithTransportProtocol(transport.TTHeader),
		client.WithMetaHandler(transmeta.ClientTTHeaderHandler),
	}
	switch *proto {
	case "ttheader":
		options = append(append(options, ttheader...), client.WithLongConnection(connpool.IdleConfig{
			MaxIdlePerAddress: *callers, MaxIdleGlobal: 1000, MaxIdleTimeout: time.Minute,
		}))
	case "mux":
		options = append(append(options, ttheader...), client.WithMuxConnection(1))
	case "grpc":
		options = append(options, client.WithTransportProtocol(transport.GRPC))
	default:
		log.Fatal("-proto ttheader, mux or grpc")
	}
	c, err := echoservice.NewClient(*service, options...)
	check(err)
	return c
}

func call() {
	c := newClient()
	failed := 0
	for i := 0; i < *count; i++ {
		sent := fmt.Sprint("call ", i)
		if got, err := c.EchoString(context.Background(), sent); err != nil || got != sent {
			failed++
			fmt.Printf("FAIL call %d: %q, %v\n", i, got, err)
		}
	}
	fmt.Printf("%d passed, %d failed\n", *count-failed, failed)
	if failed > 0 {
		os.Exit(1)
	}
}

func load() {
	c := newClient()
	var passed, failed atomic.Int64
	var over atomic.Bool
	var began, ended sync.WaitGroup
	one := func(sent string) {
		got, err := c.EchoString(context.Background(), sent)
		if err == nil && (got == sent || strings.HasPrefix(got, sent+" by ")) {
			passed.Add(1)
		} else if failed.Add(1) <= 10 {
			fmt.Printf("FAIL %s: %q, %v\n", sent, got, err)
		}
	}
	for caller := 0; caller < *callers; caller++ {
		began.Add(1)
		ended.Add(1)
		go func() {
			defer ended.Done()
			for i := 0; !over.Load(); i++ {
				one(fmt.Sprintf("caller %d call %d", caller, i))
				if i == 0 {
					began.Done()
				}
				time.Sleep(pause)
			}
		}()
	}
	began.Wait()
	fmt.Println("calling")
	_, _ = io.Copy(io.Discard, os.Stdin)
	over.Store(true)
	ended.Wait()
	fmt.Printf("%d passed, %d failed\n", passed.Load(), failed.Load())
	if failed.Load() > 0 {
		os.Exit(1)
	}
}

func newRegistry() registry.Registry {
	if *backend == "consul" {
		r, err := consul.NewConsulRegister(*address, consul.WithCheck(&consulapi.AgentServiceCheck{
			Interval: "1s", Timeout: "1s", DeregisterCriticalServiceAfter: "1m",
		}))
		check(err)
		return r
	}
	if *backend == "zookeeper" {
		return newZooKeeper(*address)
	}
	r, err := etcd.NewEtcdRegistry([]string{*address})
	check(err)
	return r
}

func newResolver() discovery.Resolver {
	if *backend == "consul" {
		r, err := consul.NewConsulResolver(*address)
		check(err)
		return r
	}
	if *backend == "zookeeper" {
		return newZooKeeper(*address)
	}
	r, err := etcd.NewEtcdResolver([]string{*address})
	check(err)
	return r
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
