// kitex-registry is a real Kitex service or client that finds the other through a registry:
//
//	kitex-registry -backend etcd|consul -registry HOST:PORT -service NAME serve
//	kitex-registry -backend etcd|consul -registry HOST:PORT -service NAME -n COUNT call
//
// serve prints "registered ADDRESS" once the service listens, and leaves the registry on SIGTERM or SIGINT; call makes COUNT calls one
// after the other and prints "N passed, N failed".
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"net"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/cloudwego/kitex/client"
	"github.com/cloudwego/kitex/pkg/discovery"
	"github.com/cloudwego/kitex/pkg/klog"
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
	backend = flag.String("backend", "etcd", "etcd or consul")
	address = flag.String("registry", "", "address of the registry")
	service = flag.String("service", "echo", "name of the service")
	count   = flag.Int("n", 10, "call: calls to make")
)

type handler struct{ echo.EchoService }

func (handler) EchoString(_ context.Context, s string) (string, error) { return s, nil }

func main() {
	flag.Parse()
	klog.SetLevel(klog.LevelError)
	switch flag.Arg(0) {
	case "serve":
		serve()
	case "call":
		call()
	default:
		log.Fatal("serve or call?")
	}
}

func serve() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	exit := make(chan os.Signal, 1)
	signal.Notify(exit, syscall.SIGTERM, syscall.SIGINT)
	s := echoservice.NewServer(&handler{},
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
	)
	server.RegisterStartHook(func() { fmt.Println("registered", listener.Addr()) })
	check(s.Run())
}

func call() {
	c, err := echoservice.NewClient(*service,
		client.WithResolver(newResolver()),
		client.WithTransportProtocol(transport.TTHeader),
		client.WithMetaHandler(transmeta.ClientTTHeaderHandler),
		client.WithRPCTimeout(5*time.Second),
		client.WithConnectTimeout(time.Second),
	)
	check(err)
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

func newRegistry() registry.Registry {
	if *backend == "consul" {
		r, err := consul.NewConsulRegister(*address, consul.WithCheck(&consulapi.AgentServiceCheck{
			Interval: "1s", Timeout: "1s", DeregisterCriticalServiceAfter: "1m",
		}))
		check(err)
		return r
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
	r, err := etcd.NewEtcdResolver([]string{*address})
	check(err)
	return r
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
