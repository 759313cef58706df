package machined

import (
	"context"
	"slices"
	"strings"

	"github.com/siderolabs/talos/pkg/machinery/api/common"
	"github.com/siderolabs/talos/pkg/machinery/role"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

var errNotAuthorized = status.Error(codes.PermissionDenied, "not authorized")

var (
	readers   = role.MakeSet(role.Admin, role.Operator, role.Reader)
	operators = role.MakeSet(role.Admin, role.Operator)
	admins    = role.MakeSet(role.Admin)

	etcdReaders = role.MakeSet(role.Admin, role.Operator, role.Reader, role.EtcdBackup)
)

// allowed maps methods that need less than os:admin to the roles that may call them.
var allowed = map[string]role.Set{
	"/machine.MachineService/EtcdAlarmList":  etcdReaders,
	"/machine.MachineService/EtcdMemberList": etcdReaders,
	"/machine.MachineService/EtcdStatus":     etcdReaders,
	"/machine.MachineService/Events":         readers,
	"/machine.MachineService/Hostname":       readers,
	"/machine.MachineService/ImageList":      readers,
	"/machine.MachineService/ImagePull":      operators,
	"/machine.MachineService/Reboot":         operators,
	"/machine.MachineService/ServiceList":    readers,
	"/machine.MachineService/Version":        readers,
	"/cosi.resource.State/Get":               readers,
	"/cosi.resource.State/List":              readers,
	"/cosi.resource.State/Watch":             readers,
	"/storage.StorageService/Disks":          readers,
}

type rolesKey struct{}

func rolesOf(ctx context.Context) role.Set {
	if roles, ok := ctx.Value(rolesKey{}).(role.Set); ok {
		return roles
	}
	return role.Zero
}

// authorize checks the target and the caller of a call. In maintenance mode everyone is a reader, and each method
// rejects what it does not support.
func (b *boot) authorize(ctx context.Context, method string) (context.Context, error) {
	if err := b.checkTarget(ctx); err != nil {
		return nil, err
	}
	if !b.configured() {
		return context.WithValue(ctx, rolesKey{}, role.MakeSet(role.Reader)), nil
	}
	roles := role.Zero
	if from, ok := peer.FromContext(ctx); ok {
		if info, ok := from.AuthInfo.(credentials.TLSInfo); ok && len(info.State.PeerCertificates) > 0 {
			roles, _ = role.Parse(info.State.PeerCertificates[0].Subject.Organization)
		}
	}
	needed, known := allowed[method]
	if !known {
		needed = admins
	}
	if !needed.IncludesAny(roles) {
		return nil, errNotAuthorized
	}
	return context.WithValue(ctx, rolesKey{}, roles), nil
}

// checkTarget rejects calls for other nodes: a real control plane would proxy them, this machine does not.
func (b *boot) checkTarget(ctx context.Context) error {
	md, _ := metadata.FromIncomingContext(ctx)
	for _, node := range slices.Concat(md.Get("node"), md.Get("nodes")) {
		if node != b.machine.Settings.Address && node != b.machine.host {
			return status.Errorf(codes.Unavailable, "the simulated Talos machine %s (%s) does not proxy to node %s: dial that node itself",
				b.machine.Settings.Name, b.machine.Settings.Address, node)
		}
	}
	return nil
}

// responseName returns the node name for response metadata, which only calls with `nodes` get.
func responseName(ctx context.Context) string {
	md, _ := metadata.FromIncomingContext(ctx)
	if nodes := md.Get("nodes"); len(nodes) > 0 {
		return nodes[0]
	}
	return ""
}

func (b *boot) unary(ctx context.Context, request any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	ctx, err := b.authorize(ctx, info.FullMethod)
	if err != nil {
		return nil, err
	}
	response, err := handler(ctx, request)
	if name := responseName(ctx); err == nil && name != "" && !strings.HasPrefix(info.FullMethod, "/cosi.") {
		stamp(response, name)
	}
	return response, err
}

func (b *boot) stream(server any, stream grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
	ctx, err := b.authorize(stream.Context(), info.FullMethod)
	if err != nil {
		return err
	}
	return handler(server, &stampedStream{ServerStream: stream, ctx: ctx, name: responseName(ctx)})
}

type stampedStream struct {
	grpc.ServerStream
	ctx  context.Context
	name string
}

func (s *stampedStream) Context() context.Context { return s.ctx }

func (s *stampedStream) SendMsg(message any) error {
	if s.name != "" {
		stamp(message, s.name)
	}
	return s.ServerStream.SendMsg(message)
}

// stamp writes the node's name into the metadata of a response, or of each of its messages.
func stamp(response any, name string) {
	message, ok := response.(proto.Message)
	if !ok {
		return
	}
	reflected := message.ProtoReflect()
	fields := reflected.Descriptor().Fields()
	if list := fields.ByName("messages"); list != nil && list.IsList() && list.Message() != nil {
		items := reflected.Get(list).List()
		for i := range items.Len() {
			stampMessage(items.Get(i).Message(), name)
		}
		return
	}
	stampMessage(reflected, name)
}

func stampMessage(message protoreflect.Message, name string) {
	field := message.Descriptor().Fields().ByName("metadata")
	if field == nil || field.Message() == nil || field.Message().FullName() != "common.Metadata" {
		return
	}
	message.Set(field, protoreflect.ValueOfMessage((&common.Metadata{Hostname: name}).ProtoReflect()))
}
