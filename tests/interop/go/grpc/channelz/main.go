// Checks grpc.channelz.v1 of a server of channelz_server.ts with grpc-go: "channelz ADDRESS [CA]".
//
// It calls the first server that ADDRESS tells of, over TLS if CA is the file of its authority, and compares what is told
// of that with what it did, and with what grpc-go's own channelz tells of the other end of the same connection. Prints a
// line "PASS name" or "FAIL name: text" for each check, then how many.
package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"sort"
	"strings"
	"time"

	"google.golang.org/grpc"
	channelz "google.golang.org/grpc/channelz/grpc_channelz_v1"
	"google.golang.org/grpc/channelz/service"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	testing "google.golang.org/grpc/interop/grpc_testing"
	reflection "google.golang.org/grpc/reflection/grpc_reflection_v1"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/known/timestamppb"
)

const (
	// How long all checks may take together.
	timeout = 60 * time.Second
	// How long what is told may be behind what is so.
	patience = 10 * time.Second
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "channelz:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) < 1 || len(args) > 2 {
		return fmt.Errorf("usage: channelz ADDRESS [CA]")
	}
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	conn, err := grpc.NewClient(args[0], grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return err
	}
	defer conn.Close()
	c := &checks{ctx: ctx, ask: channelz.NewChannelzClient(conn), began: time.Now()}
	if c.own, err = ownChannelz(); err != nil {
		return err
	}
	c.creds = insecure.NewCredentials()
	if len(args) == 2 {
		if c.creds, err = credentials.NewClientTLSFromFile(args[1], "localhost"); err != nil {
			return err
		}
		c.tls = true
	}
	c.check("the file is the official one", func() error { return c.file(reflection.NewServerReflectionClient(conn)) })
	c.check("servers in pages", c.pages)
	c.check("calls of a server", c.calls)
	c.check("a connection of a server is what grpc-go says of its other end", c.sameSocket)
	c.check("a call given up", c.canceled)
	c.check("a connection that is gone", c.gone)
	c.check("a channel, its subchannel and its connection", c.channel)
	c.check("a channel that cannot connect", c.unreachable)
	c.check("ids that are not known", c.unknown)
	fmt.Printf("%d passed, %d failed\n", c.passed, c.failed)
	if c.failed > 0 {
		os.Exit(1)
	}
	return nil
}

// Serves grpc-go's own channelz, which tells of this process.
func ownChannelz() (channelz.ChannelzClient, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	server := grpc.NewServer()
	service.RegisterChannelzServiceToServer(server)
	go server.Serve(listener)
	conn, err := grpc.NewClient(listener.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return nil, err
	}
	return channelz.NewChannelzClient(conn), nil
}

type checks struct {
	ctx            context.Context
	ask            channelz.ChannelzClient
	own            channelz.ChannelzClient
	creds          credentials.TransportCredentials
	tls            bool
	began          time.Time
	passed, failed int

	server *channelz.Server // the first one
	local  net.Addr         // of the connection to it
	conn   *grpc.ClientConn

	halfCloses int64
}

func (c *checks) check(name string, fn func() error) {
	if err := fn(); err != nil {
		c.failed++
		fmt.Printf("FAIL %s: %v\n", name, err)
		return
	}
	c.passed++
	fmt.Printf("PASS %s\n", name)
}

// The server's file by reflection has all messages, fields, enums and methods of the official one, and no others.
func (c *checks) file(client reflection.ServerReflectionClient) error {
	stream, err := client.ServerReflectionInfo(c.ctx)
	if err != nil {
		return err
	}
	defer stream.CloseSend()
	symbol := &reflection.ServerReflectionRequest_FileContainingSymbol{FileContainingSymbol: "grpc.channelz.v1.Channelz"}
	if err := stream.Send(&reflection.ServerReflectionRequest{MessageRequest: symbol}); err != nil {
		return err
	}
	answer, err := stream.Recv()
	if err != nil {
		return err
	}
	for _, bytes := range answer.GetFileDescriptorResponse().GetFileDescriptorProto() {
		file := new(descriptorpb.FileDescriptorProto)
		if err := proto.Unmarshal(bytes, file); err != nil {
			return err
		}
		if file.GetPackage() != "grpc.channelz.v1" {
			continue
		}
		theirs, err := protodesc.NewFile(file, protoregistry.GlobalFiles)
		if err != nil {
			return err
		}
		return same(describe(theirs), describe(channelz.File_grpc_channelz_v1_channelz_proto))
	}
	return fmt.Errorf("no file of grpc.channelz.v1 in %v", answer)
}

// All that matters on the wire, a line each.
func describe(file protoreflect.FileDescriptor) []string {
	lines := []string{file.Path(), string(file.Package())}
	enums := func(all protoreflect.EnumDescriptors) {
		for i := range all.Len() {
			values := all.Get(i).Values()
			for j := range values.Len() {
				lines = append(lines, fmt.Sprintf("%s = %d", values.Get(j).FullName(), values.Get(j).Number()))
			}
		}
	}
	var messages func(all protoreflect.MessageDescriptors)
	messages = func(all protoreflect.MessageDescriptors) {
		for i := range all.Len() {
			message := all.Get(i)
			lines = append(lines, string(message.FullName()))
			fields := message.Fields()
			for j := range fields.Len() {
				lines = append(lines, describeField(fields.Get(j)))
			}
			enums(message.Enums())
			messages(message.Messages())
		}
	}
	enums(file.Enums())
	messages(file.Messages())
	for i := range file.Services().Len() {
		methods := file.Services().Get(i).Methods()
		for j := range methods.Len() {
			m := methods.Get(j)
			lines = append(lines, fmt.Sprintf("%s(%s) %s %t %t", m.FullName(), m.Input().FullName(), m.Output().FullName(),
				m.IsStreamingClient(), m.IsStreamingServer()))
		}
	}
	sort.Strings(lines)
	return lines
}

func describeField(field protoreflect.FieldDescriptor) string {
	kind := field.Kind().String()
	if field.Message() != nil {
		kind = string(field.Message().FullName())
	} else if field.Enum() != nil {
		kind = string(field.Enum().FullName())
	}
	oneof := ""
	if field.ContainingOneof() != nil {
		oneof = string(field.ContainingOneof().Name())
	}
	return fmt.Sprintf("%s = %d %s %s %s %s", field.FullName(), field.Number(), field.Cardinality(), kind, oneof, field.JSONName())
}

func same(theirs, ours []string) error {
	if len(ours) < 100 {
		return fmt.Errorf("only %d lines to compare", len(ours))
	}
	if got, want := strings.Join(theirs, "\n"), strings.Join(ours, "\n"); got != want {
		return fmt.Errorf("%d lines for %d:\n%s", len(theirs), len(ours), got)
	}
	return nil
}

// Two servers, one after the other.
func (c *checks) pages() error {
	var all []*channelz.Server
	for start, end := int64(0), false; !end; {
		page, err := c.ask.GetServers(c.ctx, &channelz.GetServersRequest{StartServerId: start, MaxResults: 1})
		if err != nil {
			return err
		}
		if len(page.Server) != 1 {
			return fmt.Errorf("a page of %d", len(page.Server))
		}
		all, end = append(all, page.Server...), page.End
		start = page.Server[0].Ref.ServerId + 1
	}
	whole, err := c.ask.GetServers(c.ctx, &channelz.GetServersRequest{})
	if err != nil {
		return err
	}
	if len(all) != 2 || len(whole.Server) != 2 || !whole.End {
		return fmt.Errorf("%d servers in pages, %d at once", len(all), len(whole.Server))
	}
	for i, one := range all {
		alone, err := c.ask.GetServer(c.ctx, &channelz.GetServerRequest{ServerId: one.Ref.ServerId})
		if err != nil {
			return err
		}
		if !proto.Equal(alone.Server, one) || !proto.Equal(whole.Server[i], one) {
			return fmt.Errorf("%v, %v and %v differ", one, alone.Server, whole.Server[i])
		}
	}
	c.server = all[0]
	return nil
}

// Calls the server that channelz says where to find, and compares its counts.
func (c *checks) calls() error {
	if c.server == nil || len(c.server.ListenSocket) != 1 {
		return fmt.Errorf("no server that listens: %v", c.server)
	}
	listen, err := c.ask.GetSocket(c.ctx, &channelz.GetSocketRequest{SocketId: c.server.ListenSocket[0].SocketId})
	if err != nil {
		return err
	}
	address := addressOf(listen.Socket.Local)
	if err := c.counted(0, 0, 0); err != nil {
		return err
	}
	c.conn, err = grpc.NewClient(address, grpc.WithTransportCredentials(c.creds),
		grpc.WithContextDialer(func(ctx context.Context, to string) (net.Conn, error) {
			conn, err := new(net.Dialer).DialContext(ctx, "tcp", to)
			if err == nil {
				c.local = conn.LocalAddr()
			}
			return conn, err
		}))
	if err != nil {
		return err
	}
	client := testing.NewTestServiceClient(c.conn)
	for range 2 {
		if _, err := client.EmptyCall(c.ctx, &testing.Empty{}); err != nil {
			return err
		}
	}
	if err := receive(client, c.ctx, 4); err != nil {
		return err
	}
	failing := &testing.SimpleRequest{ResponseStatus: &testing.EchoStatus{Code: 9}}
	if _, err := client.UnaryCall(c.ctx, failing); status.Code(err) != codes.FailedPrecondition {
		return fmt.Errorf("the call failed with %v", err)
	}
	duplex, err := client.FullDuplexCall(c.ctx)
	if err != nil {
		return err
	}
	for range 3 {
		if err := duplex.Send(sizes(100)); err != nil {
			return err
		}
		if _, err := duplex.Recv(); err != nil {
			return err
		}
	}
	duplex.CloseSend()
	c.halfCloses++
	if _, err := duplex.Recv(); err != io.EOF {
		return fmt.Errorf("the stream ended with %v", err)
	}
	return c.counted(5, 4, 1)
}

// Waits until the server has had so many calls: that a stream has ended its client may hear first.
func (c *checks) counted(started, succeeded, failed int64) error {
	return c.until(func() error {
		answer, err := c.ask.GetServer(c.ctx, &channelz.GetServerRequest{ServerId: c.server.Ref.ServerId})
		if err != nil {
			return err
		}
		data := answer.Server.Data
		if data.CallsStarted != started || data.CallsSucceeded != succeeded || data.CallsFailed != failed {
			return fmt.Errorf("%d, %d, %d for %d, %d, %d", data.CallsStarted, data.CallsSucceeded, data.CallsFailed, started,
				succeeded, failed)
		}
		if started == 0 {
			if data.LastCallStartedTimestamp != nil {
				return fmt.Errorf("a call of %v", data.LastCallStartedTimestamp)
			}
			return nil
		}
		return c.recent("the last call", data.LastCallStartedTimestamp)
	})
}

// Is a time one since this program began? Clocks of two programs on a machine are the same but for their grain.
func (c *checks) recent(what string, at *timestamppb.Timestamp) error {
	if at == nil || !at.IsValid() || at.AsTime().Before(c.began.Add(-time.Second)) || at.AsTime().After(time.Now().Add(time.Second)) {
		return fmt.Errorf("%s was at %v, now it is %v", what, at, time.Now())
	}
	return nil
}

func (c *checks) until(fn func() error) error {
	for began := time.Now(); ; {
		err := fn()
		if err == nil || c.ctx.Err() != nil || time.Since(began) > patience {
			return err
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// The socket of the server at the other end of this program's connection.
func (c *checks) socket() (*channelz.Socket, error) {
	if c.local == nil {
		return nil, fmt.Errorf("there is no connection")
	}
	list, err := c.ask.GetServerSockets(c.ctx, &channelz.GetServerSocketsRequest{ServerId: c.server.Ref.ServerId})
	if err != nil {
		return nil, err
	}
	for _, ref := range list.SocketRef {
		answer, err := c.ask.GetSocket(c.ctx, &channelz.GetSocketRequest{SocketId: ref.SocketId})
		if err != nil {
			return nil, err
		}
		if addressOf(answer.Socket.Remote) == c.local.String() {
			return answer.Socket, nil
		}
	}
	return nil, fmt.Errorf("%v is none of %v", c.local, list.SocketRef)
}

// The socket of the client with a target, and what owns it, as an answering channelz has it.
func owned(ctx context.Context, ask channelz.ChannelzClient, target string) (*channelz.Channel, *channelz.Subchannel, *channelz.Socket, error) {
	top, err := ask.GetTopChannels(ctx, &channelz.GetTopChannelsRequest{})
	if err != nil {
		return nil, nil, nil, err
	}
	for _, channel := range top.Channel {
		if !strings.HasSuffix(channel.Data.Target, target) || len(channel.SubchannelRef) != 1 {
			continue
		}
		id := channel.SubchannelRef[0].SubchannelId
		sub, err := ask.GetSubchannel(ctx, &channelz.GetSubchannelRequest{SubchannelId: id})
		if err != nil || len(sub.Subchannel.SocketRef) == 0 {
			return channel, sub.GetSubchannel(), nil, err
		}
		socket, err := ask.GetSocket(ctx, &channelz.GetSocketRequest{SocketId: sub.Subchannel.SocketRef[0].SocketId})
		return channel, sub.Subchannel, socket.GetSocket(), err
	}
	return nil, nil, nil, fmt.Errorf("no channel to %s in %v", target, top.Channel)
}

func (c *checks) sameSocket() error {
	return c.until(func() error {
		socket, err := c.socket()
		if err != nil {
			return err
		}
		_, _, own, err := owned(c.ctx, c.own, c.conn.Target())
		if err != nil {
			return err
		}
		// grpc-go counts the end of what a client streams as a message.
		return c.mirrored(socket, own, c.halfCloses)
	})
}

// Are these the two ends of one connection, the server's first? The client counts so many messages more than it sent.
func (c *checks) mirrored(server, client *channelz.Socket, more int64) error {
	if client == nil {
		return fmt.Errorf("the client has no connection")
	}
	a, b := server.Data, client.Data
	for _, pair := range [][2]any{
		{a.StreamsStarted, b.StreamsStarted},
		{a.StreamsSucceeded, b.StreamsSucceeded},
		{a.StreamsFailed, b.StreamsFailed},
		{a.MessagesSent, b.MessagesReceived},
		{a.MessagesReceived, b.MessagesSent - more},
		{addressOf(server.Local), addressOf(client.Remote)},
		{addressOf(server.Remote), addressOf(client.Local)},
	} {
		if pair[0] != pair[1] {
			return fmt.Errorf("%v is not %v:\n%v\n%v", pair[0], pair[1], server, client)
		}
	}
	if a.StreamsStarted == 0 || a.MessagesSent == 0 || a.MessagesReceived == 0 {
		return fmt.Errorf("nothing was counted: %v", a)
	}
	for what, at := range map[string]*timestamppb.Timestamp{
		"the last stream": a.LastRemoteStreamCreatedTimestamp, "the last message sent": a.LastMessageSentTimestamp,
		"the last message received": a.LastMessageReceivedTimestamp,
	} {
		if at == nil || !at.IsValid() || time.Since(at.AsTime()) > 10*time.Minute || time.Since(at.AsTime()) < -time.Second {
			return fmt.Errorf("%s was at %v", what, at)
		}
	}
	if a.LastLocalStreamCreatedTimestamp != nil || a.LocalFlowControlWindow == nil || a.RemoteFlowControlWindow == nil {
		return fmt.Errorf("of a server: %v", a)
	}
	// What the one may send the other takes; content may be under way, and is given back in steps.
	for _, window := range []int64{a.LocalFlowControlWindow.Value, a.RemoteFlowControlWindow.Value} {
		if window < 1000 || window > 1<<31-1 {
			return fmt.Errorf("a window of %d", window)
		}
	}
	for _, socket := range []*channelz.Socket{server, client} {
		if got := socket.Security.GetTls() != nil; got != c.tls {
			return fmt.Errorf("TLS is %t: %v", got, socket.Security)
		}
	}
	return nil
}

func (c *checks) canceled() error {
	if c.conn == nil {
		return fmt.Errorf("there is no connection")
	}
	ctx, cancel := context.WithCancel(c.ctx)
	defer cancel()
	duplex, err := testing.NewTestServiceClient(c.conn).FullDuplexCall(ctx)
	if err != nil {
		return err
	}
	if err := duplex.Send(sizes(1)); err != nil {
		return err
	}
	if _, err := duplex.Recv(); err != nil {
		return err
	}
	if err := c.counted(6, 4, 1); err != nil {
		return fmt.Errorf("while it runs: %w", err)
	}
	cancel()
	if err := c.counted(6, 4, 2); err != nil {
		return err
	}
	socket, err := c.socket()
	if err != nil {
		return err
	}
	if data := socket.Data; data.StreamsStarted != 6 || data.StreamsSucceeded != 5 || data.StreamsFailed != 1 {
		return fmt.Errorf("streams of %v", data)
	}
	return c.sameSocket()
}

func (c *checks) gone() error {
	socket, err := c.socket()
	if err != nil {
		return err
	}
	c.conn.Close()
	return c.until(func() error {
		_, err := c.ask.GetSocket(c.ctx, &channelz.GetSocketRequest{SocketId: socket.Ref.SocketId})
		if status.Code(err) != codes.NotFound {
			return fmt.Errorf("its socket: %v", err)
		}
		list, err := c.ask.GetServerSockets(c.ctx, &channelz.GetServerSocketsRequest{ServerId: c.server.Ref.ServerId})
		if err != nil || len(list.SocketRef) != 0 || !list.End {
			return fmt.Errorf("sockets of the server: %v, %v", list, err)
		}
		return nil
	})
}

// The client inside of the server's process, and the server that it called.
func (c *checks) channel() error {
	servers, err := c.ask.GetServers(c.ctx, &channelz.GetServersRequest{StartServerId: c.server.GetRef().GetServerId() + 1})
	if err != nil || len(servers.Server) != 1 {
		return fmt.Errorf("the second server: %v, %v", servers, err)
	}
	second := servers.Server[0]
	channel, sub, socket, err := owned(c.ctx, c.ask, second.ListenSocket[0].Name)
	if err != nil {
		return err
	}
	one, err := c.ask.GetChannel(c.ctx, &channelz.GetChannelRequest{ChannelId: channel.Ref.ChannelId})
	if err != nil || !proto.Equal(one.Channel, channel) {
		return fmt.Errorf("%v, %v is not %v", one, err, channel)
	}
	for _, data := range []*channelz.ChannelData{channel.Data, sub.Data} {
		if data.State.State != channelz.ChannelConnectivityState_READY || data.CallsStarted != 3 || data.CallsSucceeded != 2 || data.CallsFailed != 1 {
			return fmt.Errorf("of the client: %v", data)
		}
		events := data.Trace.Events
		if data.Trace.NumEventsLogged != int64(len(events)) || len(events) < 3 || events[len(events)-1].Description != "is ready" {
			return fmt.Errorf("what became of it: %v", events)
		}
	}
	if first := channel.Data.Trace.Events[0].GetSubchannelRef(); !proto.Equal(first, sub.Ref) {
		return fmt.Errorf("the first event is of %v, not %v", first, sub.Ref)
	}
	if data := second.Data; data.CallsStarted != 3 || data.CallsSucceeded != 2 || data.CallsFailed != 1 {
		return fmt.Errorf("of the server: %v", data)
	}
	list, err := c.ask.GetServerSockets(c.ctx, &channelz.GetServerSocketsRequest{ServerId: second.Ref.ServerId})
	if err != nil || len(list.SocketRef) != 1 {
		return fmt.Errorf("sockets of the server: %v, %v", list, err)
	}
	other, err := c.ask.GetSocket(c.ctx, &channelz.GetSocketRequest{SocketId: list.SocketRef[0].SocketId})
	if err != nil {
		return err
	}
	if socket.GetData().GetPeerMaxConcurrentStreams() != 250 || socket.Data.LastLocalStreamCreatedTimestamp == nil {
		return fmt.Errorf("of a client: %v", socket)
	}
	return c.mirrored(other.Socket, socket, 0)
}

func (c *checks) unreachable() error {
	channel, sub, _, err := owned(c.ctx, c.ask, "127.0.0.1:1")
	if err != nil {
		return err
	}
	for _, data := range []*channelz.ChannelData{channel.Data, sub.Data} {
		events := data.Trace.Events
		if len(events) == 0 {
			return fmt.Errorf("nothing became of it: %v", data)
		}
		failed := false
		for _, event := range events {
			failed = failed || event.Severity == channelz.ChannelTraceEvent_CT_WARNING &&
				strings.HasPrefix(event.Description, "is transient-failure")
		}
		if !failed {
			return fmt.Errorf("it never failed: %v", events)
		}
	}
	if channel.Data.CallsStarted != 1 || channel.Data.CallsFailed != 1 || sub.Data.CallsStarted != 0 {
		return fmt.Errorf("calls of %v and %v", channel.Data, sub.Data)
	}
	return nil
}

func (c *checks) unknown() error {
	const id = 1 << 40
	_, one := c.ask.GetServer(c.ctx, &channelz.GetServerRequest{ServerId: id})
	_, two := c.ask.GetServerSockets(c.ctx, &channelz.GetServerSocketsRequest{ServerId: id})
	_, three := c.ask.GetChannel(c.ctx, &channelz.GetChannelRequest{ChannelId: id})
	_, four := c.ask.GetSubchannel(c.ctx, &channelz.GetSubchannelRequest{SubchannelId: id})
	_, five := c.ask.GetSocket(c.ctx, &channelz.GetSocketRequest{SocketId: id})
	for _, err := range []error{one, two, three, four, five} {
		if status.Code(err) != codes.NotFound {
			return fmt.Errorf("%v is not NOT_FOUND", err)
		}
	}
	return nil
}

func receive(client testing.TestServiceClient, ctx context.Context, count int) error {
	stream, err := client.StreamingOutputCall(ctx, sizes(make([]int32, count)...))
	if err != nil {
		return err
	}
	for range count {
		if _, err := stream.Recv(); err != nil {
			return err
		}
	}
	if _, err := stream.Recv(); err != io.EOF {
		return fmt.Errorf("the stream ended with %v", err)
	}
	return nil
}

func sizes(all ...int32) *testing.StreamingOutputCallRequest {
	request := &testing.StreamingOutputCallRequest{}
	for _, size := range all {
		request.ResponseParameters = append(request.ResponseParameters, &testing.ResponseParameters{Size: size})
	}
	return request
}

func addressOf(address *channelz.Address) string {
	tcp := address.GetTcpipAddress()
	if tcp == nil {
		return address.String()
	}
	return net.JoinHostPort(net.IP(tcp.IpAddress).String(), fmt.Sprint(tcp.Port))
}
