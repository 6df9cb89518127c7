package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/cloudwego/kitex/pkg/discovery"
	"github.com/cloudwego/kitex/pkg/registry"
	"github.com/cloudwego/kitex/pkg/rpcinfo"
	"github.com/go-zookeeper/zk"
)

// session is how long ZooKeeper keeps a service that fell.
const session = 4 * time.Second

// zooKeeper registers and finds services as kitex-contrib/registry-zookeeper does, over the same client of ZooKeeper: that module is
// not on Go's module proxy. It differs in that a service which loses its session does not come back.
type zooKeeper struct{ conn *zk.Conn }

// node is what it says of a service.
type node struct {
	Weight int
	Tags   map[string]string
}

func newZooKeeper(address string) zooKeeper {
	conn, events, err := zk.Connect([]string{address}, session, zk.WithLogInfo(false))
	check(err)
	for event := range events {
		if event.State == zk.StateHasSession {
			break
		}
	}
	return zooKeeper{conn}
}

func pathOf(info *registry.Info) string { return "/" + info.ServiceName + "/" + info.Addr.String() }

func (z zooKeeper) Register(info *registry.Info) error {
	data, err := json.Marshal(node{info.Weight, info.Tags})
	if err != nil {
		return err
	}
	all := zk.WorldACL(zk.PermAll)
	if _, err = z.conn.Create("/"+info.ServiceName, nil, 0, all); err != nil && err != zk.ErrNodeExists {
		return err
	}
	_, err = z.conn.Create(pathOf(info), data, zk.FlagEphemeral, all)
	return err
}

func (z zooKeeper) Deregister(info *registry.Info) error { return z.conn.Delete(pathOf(info), -1) }

func (z zooKeeper) Target(_ context.Context, target rpcinfo.EndpointInfo) string {
	return target.ServiceName()
}

func (z zooKeeper) Resolve(_ context.Context, name string) (discovery.Result, error) {
	path := "/" + strings.TrimPrefix(name, "/")
	result := discovery.Result{Cacheable: true, CacheKey: name}
	addresses, _, err := z.conn.Children(path)
	if err != nil {
		return result, err
	}
	for _, address := range addresses {
		data, _, err := z.conn.Get(path + "/" + address)
		if err != nil {
			return result, err
		}
		var about node
		if err := json.Unmarshal(data, &about); err != nil {
			return result, err
		}
		result.Instances = append(result.Instances, discovery.NewInstance("tcp", address, about.Weight, about.Tags))
	}
	if len(addresses) == 0 {
		return result, fmt.Errorf("no instance of %s", name)
	}
	return result, nil
}

func (z zooKeeper) Diff(key string, before, now discovery.Result) (discovery.Change, bool) {
	return discovery.DefaultDiff(key, before, now)
}

func (z zooKeeper) Name() string { return "zookeeper" }
