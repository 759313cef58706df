package machined

import (
	"context"
	"errors"
	"fmt"

	"github.com/siderolabs/talos/pkg/machinery/api/machine"
	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"
)

func (s *configured) EtcdMemberList(ctx context.Context, in *machine.EtcdMemberListRequest) (*machine.EtcdMemberListResponse, error) {
	if err := s.controlPlaneOnly("member list"); err != nil {
		return nil, err
	}
	members, err := s.boot.machine.Runner.Etcd().Members(ctx, in.GetQueryLocal())
	if err != nil {
		return nil, err
	}
	list := &machine.EtcdMembers{Members: members}
	for _, member := range members {
		list.LegacyMembers = append(list.LegacyMembers, member.GetHostname())
	}
	return &machine.EtcdMemberListResponse{Messages: []*machine.EtcdMembers{list}}, nil
}

func (s *configured) EtcdRemoveMemberByID(ctx context.Context, in *machine.EtcdRemoveMemberByIDRequest) (*machine.EtcdRemoveMemberByIDResponse, error) {
	if err := s.controlPlaneOnly("etcd remove member"); err != nil {
		return nil, err
	}
	err := s.boot.machine.Runner.Etcd().Remove(ctx, in.GetMemberId())
	switch {
	case errors.Is(err, rpctypes.ErrMemberNotFound):
		return nil, status.Error(codes.NotFound, err.Error())
	case err != nil:
		return nil, fmt.Errorf("failed to remove member: %w", err)
	}
	return &machine.EtcdRemoveMemberByIDResponse{Messages: []*machine.EtcdRemoveMemberByID{{}}}, nil
}

func (s *configured) EtcdLeaveCluster(ctx context.Context, _ *machine.EtcdLeaveClusterRequest) (*machine.EtcdLeaveClusterResponse, error) {
	if err := s.controlPlaneOnly("etcd leave"); err != nil {
		return nil, err
	}
	if err := s.boot.machine.Runner.Leave(ctx); err != nil {
		return nil, fmt.Errorf("failed to leave cluster: %w", err)
	}
	return &machine.EtcdLeaveClusterResponse{Messages: []*machine.EtcdLeaveCluster{{}}}, nil
}

func (s *configured) EtcdForfeitLeadership(ctx context.Context, _ *machine.EtcdForfeitLeadershipRequest) (*machine.EtcdForfeitLeadershipResponse, error) {
	if err := s.controlPlaneOnly("etcd forfeit leadership"); err != nil {
		return nil, err
	}
	leader, err := s.boot.machine.Runner.Etcd().ForfeitLeadership(ctx)
	if err != nil {
		return nil, fmt.Errorf("failed to forfeit leadership: %w", err)
	}
	return &machine.EtcdForfeitLeadershipResponse{Messages: []*machine.EtcdForfeitLeadership{{Member: leader}}}, nil
}

func (s *configured) EtcdStatus(ctx context.Context, _ *emptypb.Empty) (*machine.EtcdStatusResponse, error) {
	if err := s.controlPlaneOnly("etcd status"); err != nil {
		return nil, err
	}
	member, err := s.boot.machine.Runner.Etcd().Status(ctx)
	if err != nil {
		return nil, fmt.Errorf("failed to query etcd status: %w", err)
	}
	return &machine.EtcdStatusResponse{Messages: []*machine.EtcdStatus{{MemberStatus: member}}}, nil
}

func (s *configured) EtcdAlarmList(ctx context.Context, _ *emptypb.Empty) (*machine.EtcdAlarmListResponse, error) {
	if err := s.controlPlaneOnly("etcd alarm list"); err != nil {
		return nil, err
	}
	alarms, err := s.boot.machine.Runner.Etcd().Alarms(ctx)
	if err != nil {
		return nil, fmt.Errorf("failed to list etcd alarms: %w", err)
	}
	return &machine.EtcdAlarmListResponse{Messages: []*machine.EtcdAlarm{{MemberAlarms: alarms}}}, nil
}
